import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const MIB = 1024 * 1024;

/**
 * Settings of glibc's allocator, see mallopt(3). It gives threads arenas of their own and keeps what was freed in them.
 * One arena serves a process that decodes one image at a time: of 12-megapixel JPEGs it then holds 200 MB at most,
 * against 250 MB with two arenas and over 256 MB with jemalloc, at 3 to 5 percent less CPU.
 * Large buffers it asks the system for one by one and returns at once. Up to 16 MiB they come from the arena, of which
 * 32 MiB are kept for the next image: 4 percent less CPU of a 12-megapixel JPEG, for about 20 MB.
 */
const ENVIRONMENT = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: `${16 * MIB}`,
  MALLOC_TRIM_THRESHOLD_: `${32 * MIB}`,
};

/**
 * Starts `entry` with next to nothing: none of our environment (credentials above all), no descriptor but 3,
 * a socket to us, and 2, where it may complain; no right to write files, to start processes or threads, and
 * to read only code. Native code is not bound by Node's permissions; what it finds in the process is.
 */
export function spawnChild(entry: URL): ChildProcess {
  return spawn(process.execPath, [...rights(entry), fileURLToPath(entry)], {
    env: ENVIRONMENT,
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
}

function rights(entry: URL): string[] {
  const require = createRequire(import.meta.url);
  // The directory that holds every installed package, wherever the package manager has put it.
  const [installed] = require.resolve('sharp').split('/node_modules/');
  const ours = new URL('../../', import.meta.url);
  const readable = [
    `${installed}/node_modules/*`,
    fileURLToPath(new URL('node_modules/*', ours)),
    fileURLToPath(new URL('package.json', ours)),
    ...new Set([import.meta.url, entry].map((file) => fileURLToPath(new URL('*', file)))),
  ];
  return [
    // Its heap is small: threads that collect it beside the program cost more than they save.
    '--single-threaded-gc',
    '--permission',
    // sharp is one. Node warns that addons could undo the permissions: see above.
    '--allow-addons',
    '--disable-warning=SecurityWarning',
    ...readable.map((path) => `--allow-fs-read=${path}`),
  ];
}
