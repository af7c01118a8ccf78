/**
 * Makes the secrets of docker-compose.yml, once, below DATA_DIR: a folder for each service. JWT_SECRET and
 * POSTGRES_PASSWORD of the environment come before what was made.
 */
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ensureSecrets } from '../secrets.ts';
import { type SecretFile, secretFiles } from './secret-files.ts';

async function write(dir: string, { path, content, mode }: SecretFile): Promise<void> {
  const file = join(dir, path);
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.unfinished`;
  await writeFile(unfinished, content, { mode: 0o600 });
  await chmod(unfinished, mode);
  await rename(unfinished, file);
}

async function main({ DATA_DIR: dir, JWT_SECRET, POSTGRES_PASSWORD }: NodeJS.ProcessEnv): Promise<void> {
  if (!dir) throw new Error('DATA_DIR is not set: name the folder for the secrets');
  const made = await ensureSecrets(dir);
  const secrets = {
    ...made,
    jwtSecret: JWT_SECRET || made.jwtSecret,
    postgresPassword: POSTGRES_PASSWORD || made.postgresPassword,
  };
  for (const file of secretFiles(secrets)) await write(dir, file);
  console.log('Every service has its secrets.');
}

try {
  await main(process.env);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
