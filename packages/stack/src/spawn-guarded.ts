import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { howItEnded } from './how-it-ended.ts';

const guard = fileURLToPath(new URL('./guard.ts', import.meta.url));

export type Guarded = {
  /** Resolves with how the program ended, asked or not. */
  ended: Promise<string>;
  /** Asks the program to stop, and kills it if it takes longer than the guard allows. */
  stop: () => Promise<void>;
};

/**
 * Starts a program that ends when this process does (see guard.ts). It has a session of its own, so that a
 * terminal's Ctrl-C reaches only us and we choose the order in which things stop.
 */
export function spawnGuarded(
  program: string,
  programArguments: string[],
  options: {
    stopSignal: NodeJS.Signals;
    /** Default: ours. */
    user?: { uid: number; gid: number } | undefined;
    /** File descriptor that takes the program's output. */
    log: number;
  },
): Guarded {
  const { log, ...guardOptions } = options;
  const child: ChildProcess = spawn(
    process.execPath,
    [guard, JSON.stringify(guardOptions), program, ...programArguments],
    { detached: true, stdio: ['pipe', log, log], env: { LC_ALL: 'C', TZ: 'UTC' } },
  );
  const ended = howItEnded(child);
  return {
    ended,
    stop: async () => {
      child.stdin?.end();
      await ended;
    },
  };
}
