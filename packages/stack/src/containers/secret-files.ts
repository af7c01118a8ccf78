import type { AwsKeys, Secrets } from '../secrets.ts';

/** A file below the secrets' folder; each service mounts the one folder that is its own. */
export type SecretFile = { path: string; content: string; mode: number };

/** Of who owns the folder, which is whom our images run as. */
const OURS = 0o400;
/** PostgreSQL runs as a user of its own image. */
const POSTGRES = 0o444;

/** Each service's part of the secrets, as environment files for `node --env-file`. */
export function secretFiles(secrets: Secrets): SecretFile[] {
  const { jwtSecret, postgresPassword, aws } = secrets;
  const database = {
    DATABASE_URL: `postgres://images:${encodeURIComponent(postgresPassword)}@postgres:5432/images`,
  };
  const token = { JWT_SECRET: jwtSecret };
  const users = [
    { name: 'root', ...aws.root },
    { name: 'api', ...aws.api, role: 'api' },
    { name: 'worker', ...aws.worker, role: 'worker' },
  ];
  return [
    { path: 'postgres/password', content: postgresPassword, mode: POSTGRES },
    environmentFile('local-aws', { LOCAL_AWS_USERS: JSON.stringify(users) }),
    environmentFile('setup', keys(aws.root)),
    environmentFile('migrate', database),
    environmentFile('api', { ...database, ...token, ...keys(aws.api) }),
    environmentFile('worker', { ...database, ...keys(aws.worker) }),
    environmentFile('token', token),
  ];
}

const keys = ({ accessKeyId, secretAccessKey }: AwsKeys) => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});

const environmentFile = (service: string, variables: Record<string, string>): SecretFile => ({
  path: `${service}/env`,
  content: Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(name, value)}\n`)
    .join(''),
  mode: OURS,
});

/** As Node reads it: between quotes nothing has a meaning but the quote itself. */
function quoted(name: string, value: string): string {
  if (/['\n\r]/.test(value)) throw new Error(`${name} must not contain a single quote or a line break`);
  return `'${value}'`;
}
