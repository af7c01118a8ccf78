import { join } from 'node:path';
import { type App, startApp } from './app.ts';
import type { AppEnvironments } from './app-environments.ts';
import { openLog, passThrough } from './log.ts';
import { startReloadedApp } from './reload.ts';
import type { Run } from './run.ts';

const SHARED = ['infra/src', 'packages/db/src', 'packages/runtime/src'];

/** What each app is made of, from the project's root. */
const FOLDERS = {
  api: ['apps/api/src', 'apps/api/page', ...SHARED],
  worker: ['apps/worker/src', ...SHARED],
};

export type AppsOptions = {
  environments: AppEnvironments;
  /** Addresses that answer 2xx once the app can do its work. */
  health: { api: string; worker: string };
  /** Folder for their logs; absent: they go to standard output as they are. */
  logs: string | undefined;
  /** Show all that they log, not only warnings and errors. */
  verbose: boolean;
  /** Start an app anew when its code changes. */
  watch: boolean;
  run: Run;
  report: (line: string) => void;
};

/** Starts API and worker, each as a process of its own, and resolves once both can do their work. */
export async function startApps(options: AppsOptions): Promise<void> {
  const { environments, health, logs, verbose, watch, run, report } = options;
  const start = async (name: 'api' | 'worker'): Promise<App> => {
    const app = {
      name,
      entry: join('apps', name, 'src', 'main.ts'),
      env: environments[name],
      healthUrl: health[name],
      log: logs ? await openLog({ name, file: join(logs, `${name}.log`), verbose }) : passThrough(),
    };
    return watch ? startReloadedApp({ ...app, folders: FOLDERS[name], report }) : startApp(app);
  };
  const apps = await Promise.all([start('api'), start('worker')]);
  run.add(...apps);
  await Promise.all(
    apps.map(async (app) => {
      await app.healthy(run.signal);
      report(`${app.name} healthy`);
    }),
  );
}
