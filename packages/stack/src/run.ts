import { whenPackageManagerEnds } from './package-managers.ts';

/** How long everything may take to stop, in seconds; what is left then is killed. */
const STOP_SECONDS = 9;

/** Something that this run started and has to stop. */
export type Part = {
  name: string;
  /** Resolves with how it ended, asked or not. Absent: it lives in this process. */
  ended?: Promise<string>;
  /** The end of its log, for when it ends by itself. */
  lastLines?: () => string;
  stop: () => Promise<void>;
  /** Ends it at once. Absent: it ends by itself when this process does. */
  kill?: () => void;
};

export type Run = {
  /** Aborted when the run is asked to stop. */
  signal: AbortSignal;
  /**
   * From now on the parts are stopped with the run, those of one call at the same time. That one ends by itself is
   * the run's failure.
   */
  add: (...together: Part[]) => void;
  /** Resolves when the run is asked to stop; rejects when a part ends by itself. */
  asked: () => Promise<void>;
  /** Stops all parts, the last added first. */
  stop: (report: (line: string) => void) => Promise<void>;
};

/**
 * Follows what was started until Ctrl-C, SIGTERM, SIGHUP or the end of the package manager that runs us asks to
 * stop. A second signal ends everything at once.
 */
export function createRun(): Run {
  const groups: Part[][] = [];
  const stopping = new AbortController();
  const over = Promise.withResolvers<void>();
  over.promise.catch(() => {});

  const killAll = () => {
    for (const part of groups.flat()) part.kill?.();
    process.exit(1);
  };
  const askToStop = () => {
    stopping.abort();
    over.resolve();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => (stopping.signal.aborted ? killAll() : askToStop()));
  }
  void whenPackageManagerEnds(askToStop);
  return {
    signal: stopping.signal,
    add: (...together) => {
      groups.push(together);
      for (const { name, ended, lastLines } of together) {
        void ended?.then((how) => over.reject(new Error(`${name} ${how}\n${lastLines?.() ?? ''}`)));
      }
    },
    asked: () => over.promise,
    stop: async (report) => {
      if (groups.length === 0) return;
      report('stopping');
      stopping.abort();
      setTimeout(killAll, STOP_SECONDS * 1000).unref();
      for (const group of groups.toReversed()) {
        await Promise.allSettled(group.map((part) => part.stop()));
      }
      report('everything is stopped');
    },
  };
}
