import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export type ApiProcess = {
  url: string;
  /** Lines of its log. */
  log: string[];
  /** Resolves with its exit code. */
  stop(): Promise<number>;
};

/** An API as a process of its own. Resolves once it listens. */
export async function startApiProcess(env: Record<string, string>): Promise<ApiProcess> {
  const child = fork(main, { env, silent: true });
  const exited = once(child, 'exit') as Promise<[number]>;
  const log: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    const read = (line: string) => {
      log.push(line);
      const [at] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
      if (at) resolve(at);
    };
    for (const output of [child.stdout, child.stderr]) {
      if (output) createInterface({ input: output }).on('line', read);
    }
    exited.then(() => reject(new Error(`it ended without listening:\n${log.join('\n')}`)), reject);
  });
  return {
    url,
    log,
    stop: async () => {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}
