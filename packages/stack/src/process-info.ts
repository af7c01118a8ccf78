import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export type ProcessInfo = { parent: number; command: string };

/** Parent and command line of a process, or undefined if there is none of that id. */
export async function processInfo(pid: number): Promise<ProcessInfo | undefined> {
  try {
    if (process.platform === 'linux') {
      // `ps` is missing in small containers.
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ');
      return { parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]), command };
    }
    const { stdout } = await promisify(execFile)('ps', ['-o', 'ppid=,command=', '-p', String(pid)]);
    const [, parent, command = ''] = /^\s*(\d+)\s+(.*)/.exec(stdout) ?? [];
    return { parent: Number(parent), command };
  } catch {
    return undefined;
  }
}
