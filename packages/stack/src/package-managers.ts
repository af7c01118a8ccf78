import { processInfo } from './process-info.ts';

const PACKAGE_MANAGER = /^(\S*node )?(\S*\/)?(npm|npx|pnpm)(-cli\.js)?\b/;
const CHECK_MILLISECONDS = 500;

/**
 * Calls `gone` when a package manager that runs us has ended.
 *
 * A signal to `npx` reaches only the shell that it runs pnpm in, which ends without passing it on, as does the shell
 * in which npm runs a script. Whoever stops `npx -y pnpm start` by its process id would leave us running.
 */
export async function whenPackageManagerEnds(gone: () => void): Promise<void> {
  const watched = await packageManagers();
  if (watched.length === 0) return;
  const timer = setInterval(() => {
    if (watched.every(isAlive)) return;
    clearInterval(timer);
    gone();
  }, CHECK_MILLISECONDS);
  timer.unref();
}

/** From our parent up to the outermost package manager, with the shells between them. */
async function packageManagers(): Promise<number[]> {
  const ancestors: number[] = [];
  let upToOutermost = 0;
  for (let pid = process.ppid; pid > 1; ) {
    const info = await processInfo(pid);
    if (!info) break;
    ancestors.push(pid);
    if (PACKAGE_MANAGER.test(info.command)) upToOutermost = ancestors.length;
    pid = info.parent;
  }
  return ancestors.slice(0, upToOutermost);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
