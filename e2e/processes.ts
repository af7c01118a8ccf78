import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

export type Process = { pid: number; command: string };

/** Every process that has `text` in its command line or, where /proc tells, in its environment. */
export async function processesWith(text: string): Promise<Process[]> {
  const all = process.platform === 'linux' ? await fromProc() : await fromPs();
  return all.filter(({ about }) => about.includes(text)).map(({ pid, command }) => ({ pid, command }));
}

type About = Process & { about: string };

async function fromProc(): Promise<About[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  return Promise.all(
    pids.map(async (pid) => {
      // Those of a process that ends meanwhile are empty.
      const file = (name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');
      const command = (await file('cmdline')).replaceAll('\0', ' ');
      return { pid, command, about: `${command} ${await file('environ')}` };
    }),
  );
}

async function fromPs(): Promise<About[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axEww', '-o', 'pid=,command=']);
  return stdout.split('\n').map((line) => ({ pid: Number.parseInt(line, 10), command: line, about: line }));
}
