import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Binaries, binariesIn, findBinaries } from './postgres-binaries.ts';

const run = promisify(execFile);

export type User = { uid: number; gid: number };

export type PostgresPlace = {
  binaries: Binaries;
  /** Its parent folder exists. */
  dataDir: string;
  /** Whom PostgreSQL must run as; absent: as ourselves. */
  user?: User;
};

/** For what PostgreSQL needs and its user cannot reach where we are. */
const OUTSIDE = '/var/lib/s3-image-app';

/**
 * Where PostgreSQL runs from and keeps its data.
 *
 * It refuses to run as root. Started by root it runs as `nobody`, who exists everywhere but can enter neither
 * a project nor data below a private folder such as /root. Then the programs are copied out of it once, and
 * the data lies outside, with a link at `dataDir`.
 */
export async function placePostgres(dataDir: string): Promise<PostgresPlace> {
  const binaries = findBinaries();
  await mkdir(dirname(dataDir), { recursive: true });
  if (process.getuid?.() !== 0) return { binaries, dataDir };
  return {
    binaries: (await everybodyMayEnter(binaries.home)) ? binaries : await copyOutside(binaries),
    dataDir: (await everybodyMayEnter(dirname(dataDir))) ? dataDir : await linkOutside(dataDir),
    user: await nobody(),
  };
}

async function nobody(): Promise<User> {
  const id = async (flag: '-u' | '-g') => Number((await run('id', [flag, 'nobody'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

async function everybodyMayEnter(folder: string): Promise<boolean> {
  const OTHERS_EXECUTE = 0o001;
  const { mode } = await stat(folder);
  if ((mode & OTHERS_EXECUTE) === 0) return false;
  return folder === dirname(folder) || everybodyMayEnter(dirname(folder));
}

async function copyOutside({ home, version }: Binaries): Promise<Binaries> {
  const copy = join(await outside(), `postgresql-${version}`);
  if (!existsSync(copy)) {
    const unfinished = `${copy}-${randomUUID()}`;
    await cp(home, unfinished, { recursive: true, verbatimSymlinks: true });
    await run('chmod', ['-R', 'a+rX', unfinished]);
    await rename(unfinished, copy).catch(async (error: Error) => {
      await rm(unfinished, { recursive: true });
      // Another start was faster.
      if (!existsSync(copy)) throw error;
    });
  }
  return binariesIn(copy, version);
}

async function linkOutside(dataDir: string): Promise<string> {
  const known = await lstat(dataDir).catch(() => undefined);
  if (known?.isSymbolicLink()) return readlink(dataDir);
  const folder = join(await outside(), `data-${randomUUID()}`);
  await symlink(folder, dataDir);
  return folder;
}

/** The folder outside, which everybody may enter whatever umask we run under. */
async function outside(): Promise<string> {
  await mkdir(OUTSIDE, { recursive: true });
  await chmod(OUTSIDE, 0o755);
  return OUTSIDE;
}
