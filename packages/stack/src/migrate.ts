import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const cli = fileURLToPath(new URL('../../db/src/cli.ts', import.meta.url));

/**
 * Brings the database at `url` to the newest schema, by the command line: packages/db stands on this package in
 * its tests, so this one cannot import it.
 * @throws {Error} with what the command said
 */
export async function migrate(url: string): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [cli], { env: { DATABASE_URL: url } });
  } catch (error) {
    throw new Error(`The migrations failed:\n${(error as { stderr?: string }).stderr ?? error}`);
  }
}
