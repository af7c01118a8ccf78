import type { Duplex } from 'node:stream';
import type { Renditions } from './convert.ts';
import { type CauseOfDeath, ImageProcessDied } from './death.ts';
import { readFrames, writeFrame } from './frames.ts';
import { residentBytes } from './memory.ts';
import { ImageProcessFailed, openReply, type Request } from './protocol.ts';
import { ImageRejected } from './rejection.ts';
import { spawnChild } from './spawn-child.ts';

export type ProcessLimits = {
  /** Milliseconds of wall-clock time that an image may take. */
  timeoutMs: number;
  /** Bytes of memory that the process may hold. */
  memoryBytes: number;
};

export type ImageProcess = {
  readonly pid: number | undefined;
  readonly alive: boolean;
  /** Images it has been given. */
  readonly served: number;
  /** Bytes of memory that it holds, where the system tells. */
  memory(): number;
  /**
   * Has one image processed; one at a time. Aborting kills the process, since nothing else stops libvips.
   * @throws {ImageRejected} the verdict
   * @throws {ImageProcessDied}
   * @throws {ImageProcessFailed}
   */
  run(request: Request, original: Uint8Array, signal: AbortSignal): Promise<Renditions>;
  /** Ends it, whatever it does, and resolves when it is gone. */
  stop(): Promise<void>;
};

const START_MS = 30_000;
/** From the end of its words to its exit. Far above what a killed process takes to be reaped on a busy machine. */
const END_MS = 10_000;
const MEMORY_CHECK_MS = 25;
/** Bytes. No honest set of renditions comes near. */
const MAX_RENDITIONS = 512 * 1024 * 1024;
const COMPLAINT_LENGTH = 2_000;
/** What code that breaks down gets (signal(7), "Core"). Any other signal somebody has sent. */
const CRASH_SIGNALS = new Set(['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGSYS', 'SIGTRAP']);

export function startImageProcess(entry: URL, limits: ProcessLimits): ImageProcess {
  const child = spawnChild(entry);
  const channel = child.stdio[3] as Duplex;
  // An error of the channel means that the child is gone, which its exit tells better.
  channel.on('error', () => {});
  const frames = readFrames(channel, MAX_RENDITIONS);
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_LENGTH);
  });

  let served = 0;
  let alive = true;
  let ready = false;
  let killedFor: CauseOfDeath | undefined;
  const kill = (why?: CauseOfDeath) => {
    killedFor ??= why;
    child.kill('SIGKILL');
  };
  const exited = new Promise<ImageProcessDied>((resolve) => {
    const end = (how: CauseOfDeath, detail: string) => {
      alive = false;
      resolve(new ImageProcessDied(killedFor ?? how, `${detail} ${complaint}`.trim()));
    };
    child.once('error', (error) => end('unstarted', error.message));
    child.once('exit', (code, signal) => {
      const bySomebody = signal !== null && !CRASH_SIGNALS.has(signal);
      end(bySomebody ? 'killed' : ready ? 'crash' : 'unstarted', `${signal ?? code}`);
    });
  });

  /** Its next words, or how it ended before it found any. */
  async function listen() {
    const { value } = await frames.next();
    if (value) return value;
    // One that lives on after its last word is no process of ours any more.
    const helper = setTimeout(kill, END_MS, 'crash');
    const death = await exited;
    clearTimeout(helper);
    throw death;
  }

  const started = within(
    START_MS,
    () => kill('unstarted'),
    async () => {
      await listen();
      ready = true;
    },
  );
  // Whoever runs an image hears of it; a process that nobody uses may fail unheard.
  started.catch(() => {});

  const memory = () => (child.pid && residentBytes(child.pid)) || 0;

  async function run(request: Request, original: Uint8Array, signal: AbortSignal): Promise<Renditions> {
    await started;
    signal.throwIfAborted();
    served += 1;
    const memoryWatch = setInterval(() => {
      if (memory() > limits.memoryBytes) kill('memory');
    }, MEMORY_CHECK_MS);
    const abort = () => kill();
    signal.addEventListener('abort', abort, { once: true });
    try {
      writeFrame(channel, request, [original]);
      return openReply(await within(limits.timeoutMs, () => kill('timeout'), listen));
    } catch (error) {
      signal.throwIfAborted();
      if (isAnswer(error)) throw error;
      // What it said is nothing that ours say.
      complaint += String(error);
      kill('crash');
      throw await exited;
    } finally {
      clearInterval(memoryWatch);
      signal.removeEventListener('abort', abort);
    }
  }

  return {
    pid: child.pid,
    get alive() {
      return alive;
    },
    get served() {
      return served;
    },
    memory,
    run,
    async stop() {
      kill();
      await exited;
    },
  };
}

const isAnswer = (error: unknown): boolean =>
  error instanceof ImageRejected || error instanceof ImageProcessFailed || error instanceof ImageProcessDied;

/** Runs `action`, and `late` if it is not done within `ms`. */
async function within<T>(ms: number, late: () => void, action: () => Promise<T>): Promise<T> {
  const deadline = setTimeout(late, ms);
  try {
    return await action();
  } finally {
    clearTimeout(deadline);
  }
}
