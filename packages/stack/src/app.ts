import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { howItEnded } from './how-it-ended.ts';
import type { Log } from './log.ts';
import type { Part } from './run.ts';

export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));

/** After SIGTERM; what still runs then is killed. */
const STOP_SECONDS = 4;
const HEALTHY_SECONDS = 60;

export type AppOptions = {
  name: string;
  /** The program, from the project's root. */
  entry: string;
  env: NodeJS.ProcessEnv;
  /** Answers 2xx once the app can do its work. */
  healthUrl: string;
  log: Log;
};

export type App = Required<Part> & {
  /** Resolves once the health check answers; rejects with the end of the log if the app ends or takes too long. */
  healthy: (signal: AbortSignal) => Promise<void>;
};

/**
 * Starts one app as a process of its own. It has its own session, so that a terminal's Ctrl-C reaches only the
 * launcher. Its IPC channel carries nothing: that it closes tells the app that the launcher is gone.
 */
export function startApp({ name, entry, env, healthUrl, log }: AppOptions): App {
  const child = spawn(process.execPath, [entry], {
    cwd: projectRoot,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  if (child.stdout) log.take(child.stdout);
  if (child.stderr) log.take(child.stderr);
  const ended = howItEnded(child);
  return {
    name,
    ended,
    lastLines: log.tail,
    healthy: (signal) => untilHealthy({ name, healthUrl, ended, log, signal }),
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => killGroup(child), STOP_SECONDS * 1000);
      await ended;
      clearTimeout(late);
    },
    kill: () => killGroup(child),
  };
}

/** The app with all that it started: it leads a process group of its own. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}

async function untilHealthy(options: {
  name: string;
  healthUrl: string;
  ended: Promise<string>;
  log: Log;
  signal: AbortSignal;
}): Promise<void> {
  const { name, healthUrl, ended, log, signal } = options;
  const deadline = Date.now() + HEALTHY_SECONDS * 1000;
  let end: string | undefined;
  void ended.then((how) => {
    end = how;
  });
  while (!(await answersOk(healthUrl))) {
    signal.throwIfAborted();
    if (end) throw new Error(`${name} ${end}\n${log.tail()}`);
    if (Date.now() > deadline) {
      throw new Error(`${name} is not healthy after ${HEALTHY_SECONDS} s (${healthUrl})\n${log.tail()}`);
    }
    await delay(50);
  }
}

async function answersOk(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}
