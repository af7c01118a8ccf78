import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Starts `entry` with next to nothing: none of our environment (credentials above all), no descriptor but 3,
 * a socket to us, and 2, where it may complain; no right to write files, to start processes or threads, and
 * to read only code. Native code is not bound by Node's permissions; what it finds in the process is.
 */
export function spawnChild(entry: URL): ChildProcess {
  return spawn(process.execPath, [...rights(entry), fileURLToPath(entry)], {
    env: allocator(),
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
    fileURLToPath(new URL('*', new URL('.', entry))),
  ];
  return [
    '--permission',
    // sharp is one. Node warns that addons could undo the permissions: see above.
    '--allow-addons',
    '--disable-warning=SecurityWarning',
    ...readable.map((path) => `--allow-fs-read=${path}`),
  ];
}

/**
 * glibc's allocator keeps what libvips's threads have freed: a child grows to several times of what it uses.
 * jemalloc, where the system has it (Debian: libjemalloc2), or fewer arenas, prevent that.
 */
function allocator(): Record<string, string> {
  if (process.platform !== 'linux') return {};
  const jemalloc = ['/usr/lib', '/usr/lib64', ...multiarch()]
    .map((folder) => `${folder}/libjemalloc.so.2`)
    .find((path) => existsSync(path));
  return jemalloc ? { LD_PRELOAD: jemalloc } : { MALLOC_ARENA_MAX: '2' };
}

const multiarch = (): string[] =>
  readdirSync('/usr/lib')
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => `/usr/lib/${name}`);
