import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ProcessInfo, processInfo } from './process-info.ts';

const GONE_WITHIN_SECONDS = 10;

/**
 * Clears the way for a server on `dataDir`: ends one that a killed run left without its guard, waits for one
 * that is stopping, and removes the pid file of one that is gone. PostgreSQL itself refuses to start when the
 * pid in that file belongs to any process, which after a restart of the machine it often does.
 * @throws {Error} if another run uses `dataDir`
 */
export async function clearLeftOver(dataDir: string): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  if (!pid) return;

  const deadline = Date.now() + GONE_WITHIN_SECONDS * 1000;
  let server = await processInfo(pid);
  if (server?.command.includes(dataDir) && !(await isGuarded(server))) process.kill(pid, 'SIGINT');
  while (server?.command.includes(dataDir)) {
    if (Date.now() > deadline) {
      throw new Error(
        `${dataDir} is in use by PostgreSQL, process ${pid}: stop the run that started it, or set DATA_DIR to another folder`,
      );
    }
    await delay(50);
    server = await processInfo(pid);
  }
  await rm(pidFile, { force: true });
}

const isGuarded = async ({ parent }: ProcessInfo): Promise<boolean> =>
  (await processInfo(parent))?.command.includes('guard.ts') ?? false;
