import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { User } from './postgres-place.ts';

/**
 * Makes the files of a new PostgreSQL cluster in `dataDir`, unless they are there. They appear at once or not
 * at all: a run that is killed meanwhile leaves nothing that looks like a cluster.
 */
export async function ensureCluster(options: {
  initdb: string;
  dataDir: string;
  password: string;
  user?: User | undefined;
}): Promise<void> {
  const { initdb, dataDir, password, user } = options;
  if (existsSync(join(dataDir, 'PG_VERSION'))) return;

  const unfinished = `${dataDir}.unfinished`;
  const passwordFile = `${dataDir}.password`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await Promise.all([unfinished, passwordFile].map((path) => chown(path, user.uid, user.gid)));
  try {
    await promisify(execFile)(
      initdb,
      [
        `--pgdata=${unfinished}`,
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        // The same order and case rules whatever locales the machine has.
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        // The server syncs what it writes later; these files can be made again.
        '--no-sync',
      ],
      { cwd: '/', env: { LC_ALL: 'C', TZ: 'UTC' }, ...user },
    );
    // An empty folder may be there already, from whoever chose the place.
    await rm(dataDir, { recursive: true, force: true });
    await rename(unfinished, dataDir);
  } finally {
    await rm(passwordFile, { force: true });
  }
}
