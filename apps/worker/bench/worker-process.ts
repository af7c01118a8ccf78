import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type WorkerProcess = {
  pid: number;
  /** Ids of the image processes. */
  children(): number[];
  /** Seconds of CPU that the worker and its image processes have used, those that ended included. */
  cpuSeconds(): number;
  /** Bytes that the worker and its image processes hold now. */
  residentBytes(): { all: number; worker: number; imageProcesses: number[] };
  /** Holds the worker, not its image processes, until `resume`. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
};

/** Linux counts CPU time in these on every platform that Node runs on (sysconf(3), _SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;

/** Starts the worker as it is deployed, a process of its own; by /proc, so on Linux only. */
export async function startWorkerProcess(env: Record<string, string>): Promise<WorkerProcess> {
  const worker = fork(fileURLToPath(new URL('../src/main.ts', import.meta.url)), {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...env, LOG_LEVEL: 'info', WORKER_HEALTH_PORT: '0' },
  });
  const pid = worker.pid ?? 0;
  let output = '';
  await new Promise<void>((resolve, reject) => {
    worker.stdout?.on('data', (text) => {
      output += text;
      if (output.includes('worker started')) resolve();
    });
    worker.once('exit', () => reject(new Error(`The worker has ended: ${output}`)));
  });
  worker.stdout?.removeAllListeners('data').resume();

  const children = () =>
    readdirSync('/proc')
      .map(Number)
      .filter((id) => id && stat(id)?.parent === pid);
  return {
    pid,
    children,
    cpuSeconds() {
      const own = stat(pid);
      const ticks = children().reduce((sum, id) => sum + (stat(id)?.ticks ?? 0), 0);
      return (ticks + (own?.ticks ?? 0) + (own?.endedChildren ?? 0)) / TICKS_PER_SECOND;
    },
    residentBytes() {
      const imageProcesses = children().map(resident);
      const own = resident(pid);
      return { all: imageProcesses.reduce((sum, each) => sum + each, own), worker: own, imageProcesses };
    },
    pause: () => void worker.kill('SIGSTOP'),
    resume: () => void worker.kill('SIGCONT'),
    async stop() {
      if (worker.exitCode !== null) throw new Error(`The worker has ended by itself: ${worker.exitCode}`);
      worker.kill('SIGTERM');
      await once(worker, 'exit');
    },
  };
}

/** proc(5): behind the name in brackets come state, parent, … and from the 14th field on the CPU times. */
function stat(pid: number) {
  const text = read(`/proc/${pid}/stat`);
  if (!text) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return { parent: field(4), ticks: field(14) + field(15), endedChildren: field(16) + field(17) };
}

const resident = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0) * 1024;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return undefined;
  }
}
