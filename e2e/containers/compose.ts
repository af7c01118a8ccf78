import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { projectRoot } from '../launch.ts';

/** Long enough to build every image on a slow line. */
const TIMEOUT_MS = 15 * 60 * 1000;

/** A run of docker-compose.yml: under a name of its own, so that it is told from one that serves somebody. */
export type Compose = {
  name: string;
  /** What is in its environment before what a `.env` says. */
  env: Record<string, string>;
};

/**
 * Runs `docker compose` and resolves with its standard output.
 * @throws {Error} with what it printed
 */
export const compose = ({ name, env }: Compose, ...args: string[]): Promise<string> =>
  docker(['compose', '--project-name', name, '--progress', 'plain', ...args], env);

/** Runs `docker`, in the project's folder. */
export async function docker(args: string[], env: Record<string, string> = {}): Promise<string> {
  const options = {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    timeout: TIMEOUT_MS,
    maxBuffer: 64 * 1024 * 1024,
  };
  const { stdout } = await promisify(execFile)('docker', args, options).catch(
    (error: Error & { stdout: string; stderr: string }) => {
      throw new Error(`docker ${args.join(' ')} failed:\n${error.stdout}\n${error.stderr}`);
    },
  );
  return stdout;
}
