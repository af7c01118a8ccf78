import { apiPolicy, queueArn, workerPolicy } from '@s3-image-app/infra';
import { type Environment, readEnv, str, wholeNumber } from '@s3-image-app/runtime';
import { ACCOUNT, indexUsers, type LocalUser } from './auth/users.ts';

export type Config = {
  host: string;
  port: number;
  dataDir: string | undefined;
  region: string;
  users: LocalUser[];
};

/** A user as the environment tells of it: `role` stands for the policy that infra/ gives that role, in any bucket. */
type UserEntry = LocalUser & { role?: keyof typeof ROLES };

const ROLES = {
  api: () => apiPolicy({ bucket: '*' }),
  worker: (region: string) =>
    workerPolicy({ bucket: '*', queueArn: queueArn({ name: '*', region, account: ACCOUNT }) }),
};

/** Every variable that local-aws reads when it runs by itself. `.env.example` lists them, and a test compares the two. */
export const settings = {
  HOST: str({ default: '127.0.0.1', desc: 'address to listen on' }),
  PORT: wholeNumber({ min: 0, max: 65_535 })({
    default: 4566,
    desc: 'port to listen on; 0 is any free one',
  }),
  DATA_DIR: str({
    default: '',
    desc: 'folder for buckets and queues; without it they last until the stop',
  }),
  AWS_REGION: str({ default: 'us-east-1', desc: 'the region that signatures must be for' }),
  LOCAL_AWS_USERS: str({
    desc: 'the users, as JSON: [{"name", "accessKeyId", "secretAccessKey", "policy" or "role"?}, …]',
    example: '[{"name":"root","accessKeyId":"local","secretAccessKey":"local-secret"}]',
  }),
};

/**
 * What the command line's environment says.
 * @throws {ConfigError} with every mistake, each by its variable's name
 */
export function loadConfig(env: Environment): Config {
  const values = readEnv(env, settings, ({ LOCAL_AWS_USERS, AWS_REGION }) =>
    problemsOf(LOCAL_AWS_USERS, AWS_REGION),
  );
  return {
    host: values.HOST,
    port: values.PORT,
    dataDir: values.DATA_DIR === '' ? undefined : values.DATA_DIR,
    region: values.AWS_REGION,
    users: usersOf(JSON.parse(values.LOCAL_AWS_USERS) as UserEntry[], values.AWS_REGION),
  };
}

const usersOf = (entries: UserEntry[], region: string): LocalUser[] =>
  entries.map(({ role, ...user }) => (role ? { ...user, policy: ROLES[role](region) } : user));

/** Never repeats the value: it holds secrets. */
function problemsOf(text: string, region: string): string[] {
  const problem = (what: string) => [`LOCAL_AWS_USERS ${what}`];
  let users: unknown;
  try {
    users = JSON.parse(text);
  } catch {
    return problem('must be JSON: [{"name", "accessKeyId", "secretAccessKey", "policy" or "role"?}, …]');
  }
  if (!Array.isArray(users) || users.length === 0) return problem('must be a list of at least one user');
  const faults = users.flatMap((user: unknown, index) => {
    const fields = (typeof user === 'object' && user !== null ? user : {}) as Record<string, unknown>;
    const problems = (['name', 'accessKeyId', 'secretAccessKey'] as const)
      .filter((field) => typeof fields[field] !== 'string' || fields[field] === '')
      .map((field) => `${field} must be a text`);
    if (fields.role !== undefined && !Object.keys(ROLES).includes(String(fields.role))) {
      problems.push(`role must be ${Object.keys(ROLES).join(' or ')}`);
    } else if (fields.role !== undefined && fields.policy !== undefined) {
      problems.push('policy must be left out where there is a role, which has its own');
    }
    return problems.map((what) => `LOCAL_AWS_USERS[${index}].${what}`);
  });
  if (faults.length > 0) return faults;
  try {
    indexUsers(usersOf(users as UserEntry[], region));
    return [];
  } catch (error) {
    return problem(`can not be used: ${(error as Error).message}`);
  }
}
