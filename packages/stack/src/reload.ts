import { watch } from 'node:fs';
import { join } from 'node:path';
import { type App, type AppOptions, projectRoot, startApp } from './app.ts';

/** An editor writes a file in several steps, and a change of branch many files. */
const QUIET_MILLISECONDS = 150;

export type ReloadedAppOptions = AppOptions & {
  /** What is watched, from the project's root. */
  folders: string[];
  report: (line: string) => void;
};

/**
 * An app that is started anew when a file under `folders` changes. One that ends by itself, over a slip of the
 * keyboard say, is started by the next change.
 */
export function startReloadedApp(options: ReloadedAppOptions): App {
  const { name, folders, report } = options;
  const stopping = new AbortController();
  let app = startApp(options);
  let wanted = true;
  let reloads = Promise.resolve();
  let quiet: NodeJS.Timeout | undefined;
  const tellIfItEnds = ({ ended, lastLines }: App) =>
    ended.then((how) => {
      if (wanted) report(`${name} ${how}; the next change starts it again\n${lastLines()}`);
    });

  const stop = async () => {
    wanted = false;
    await app.stop();
  };
  const reload = async () => {
    if (stopping.signal.aborted) return;
    await stop();
    wanted = true;
    app = startApp(options);
    void tellIfItEnds(app);
    // What keeps it from becoming healthy is told when it ends.
    await app.healthy(stopping.signal).then(
      () => report(`${name} runs with the change`),
      () => {},
    );
  };
  void tellIfItEnds(app);
  const watchers = folders.map((folder) =>
    watch(join(projectRoot, folder), { recursive: true }, () => {
      clearTimeout(quiet);
      quiet = setTimeout(() => {
        reloads = reloads.then(reload);
      }, QUIET_MILLISECONDS);
    }),
  );

  return {
    name,
    // Its end is the developer's to mend, not the run's.
    ended: new Promise(() => {}),
    lastLines: () => app.lastLines(),
    healthy: (signal) => app.healthy(signal),
    stop: async () => {
      stopping.abort();
      clearTimeout(quiet);
      for (const watcher of watchers) watcher.close();
      await reloads;
      await stop();
    },
    kill: () => app.kill(),
  };
}
