import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type AwsKeys = { accessKeyId: string; secretAccessKey: string };

/** What the embedded services and the tokens for them rest on. Made once, so that tokens and data stay good. */
export type Secrets = {
  jwtSecret: string;
  postgresPassword: string;
  aws: Record<'root' | 'api' | 'worker', AwsKeys>;
};

export const secretsFile = (dataDir: string): string => join(dataDir, 'secrets.json');

/** The secrets kept in `dataDir`, which are made at the first start. */
export async function ensureSecrets(dataDir: string): Promise<Secrets> {
  const known = await readSecrets(dataDir);
  if (known) return known;
  const secrets = makeSecrets();
  await mkdir(dataDir, { recursive: true });
  const unfinished = `${secretsFile(dataDir)}.unfinished`;
  await writeFile(unfinished, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, secretsFile(dataDir));
  return secrets;
}

/** The secrets kept in `dataDir`, or undefined where nothing was started yet. */
export async function readSecrets(dataDir: string): Promise<Secrets | undefined> {
  try {
    return JSON.parse(await readFile(secretsFile(dataDir), 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${secretsFile(dataDir)} cannot be read: ${(error as Error).message}`);
  }
}

const secret = () => randomBytes(32).toString('base64url');

const makeSecrets = (): Secrets => ({
  jwtSecret: secret(),
  postgresPassword: secret(),
  aws: { root: awsKeys(), api: awsKeys(), worker: awsKeys() },
});

const awsKeys = (): AwsKeys => ({
  accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`,
  secretAccessKey: secret(),
});
