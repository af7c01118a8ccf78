import { type Environment, readEnv, str, wholeNumber } from '@s3-image-app/runtime';
import { indexUsers, type LocalUser } from './auth/users.ts';

export type Config = {
  host: string;
  port: number;
  dataDir: string | undefined;
  region: string;
  users: LocalUser[];
};

/**
 * What the command line's environment says.
 * @throws {ConfigError} with every mistake, each by its variable's name
 */
export function loadConfig(env: Environment): Config {
  const values = readEnv(
    env,
    {
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
        desc: 'the users, as JSON: [{"name", "accessKeyId", "secretAccessKey", "policy"?}, …]',
        example: '[{"name":"root","accessKeyId":"local","secretAccessKey":"local-secret"}]',
      }),
    },
    ({ LOCAL_AWS_USERS }) => problemsOf(LOCAL_AWS_USERS),
  );
  return {
    host: values.HOST,
    port: values.PORT,
    dataDir: values.DATA_DIR === '' ? undefined : values.DATA_DIR,
    region: values.AWS_REGION,
    users: JSON.parse(values.LOCAL_AWS_USERS) as LocalUser[],
  };
}

/** Never repeats the value: it holds secrets. */
function problemsOf(text: string): string[] {
  const problem = (what: string) => [`LOCAL_AWS_USERS ${what}`];
  let users: unknown;
  try {
    users = JSON.parse(text);
  } catch {
    return problem('must be JSON: [{"name", "accessKeyId", "secretAccessKey", "policy"?}, …]');
  }
  if (!Array.isArray(users) || users.length === 0) return problem('must be a list of at least one user');
  const faults = users.flatMap((user: unknown, index) => {
    const fields = (typeof user === 'object' && user !== null ? user : {}) as Record<string, unknown>;
    return (['name', 'accessKeyId', 'secretAccessKey'] as const)
      .filter((field) => typeof fields[field] !== 'string' || fields[field] === '')
      .map((field) => `LOCAL_AWS_USERS[${index}].${field} must be a text`);
  });
  if (faults.length > 0) return faults;
  try {
    indexUsers(users as LocalUser[]);
    return [];
  } catch (error) {
    return problem(`can not be used: ${(error as Error).message}`);
  }
}
