import type { Duplex } from 'node:stream';
import type { Renditions } from './convert.ts';
import { readFrames, writeFrame } from './frames.ts';
import { residentBytes } from './memory.ts';
import { ImageProcessFailed, openReply, type Request } from './protocol.ts';
import { ImageRejected } from './rejection.ts';
import { spawnChild } from './spawn-child.ts';

/** Why an image process ended while it was needed. */
export type CauseOfDeath =
  /** The image took longer than allowed. */
  | 'timeout'
  /** It took more memory than allowed. */
  | 'memory'
  /** The decoder broke down, or said what ours don't say. */
  | 'crash'
  /** Somebody else killed it: the kernel for want of memory, or an operator. */
  | 'killed'
  /** It has not come up. */
  | 'unstarted';

export class ImageProcessDied extends Error {
  readonly how: CauseOfDeath;
  constructor(how: CauseOfDeath, detail: string) {
    super(`The image process ended (${how}): ${detail}`);
    this.name = 'ImageProcessDied';
    this.how = how;
  }
}

export type ProcessLimits = {
  /** Milliseconds of wall-clock time an image may take. */
  timeoutMs: number;
  /** Bytes of memory the process may hold. */
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
const MEMORY_CHECK_MS = 25;
/** Bytes. No honest set of renditions comes near. */
const MAX_RENDITIONS = 512 * 1024 * 1024;
const COMPLAINT_LENGTH = 2_000;

export function startImageProcess(entry: URL, limits: ProcessLimits): ImageProcess {
  const child = spawnChild(entry);
  const channel = child.stdio[3] as Duplex;
  // An error here means that the child is gone, which its exit tells better.
  channel.on('error', () => {});
  const frames = readFrames(channel, MAX_RENDITIONS);
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_LENGTH);
  });

  let alive = true;
  let served = 0;
  let cause: CauseOfDeath | undefined;
  const exited = new Promise<ImageProcessDied>((resolve) => {
    const end = (how: CauseOfDeath, detail: string) => {
      alive = false;
      resolve(new ImageProcessDied(cause ?? how, `${detail} ${complaint}`.trim()));
    };
    child.once('error', (error) => end('unstarted', error.message));
    child.once('exit', (code, signal) => end(signal === 'SIGKILL' ? 'killed' : 'crash', `${signal ?? code}`));
  });
  const kill = (why?: CauseOfDeath) => {
    cause ??= why;
    child.kill('SIGKILL');
    return exited;
  };

  const memory = () => (child.pid && residentBytes(child.pid)) || 0;

  const started = (async () => {
    const deadline = setTimeout(kill, START_MS, 'unstarted');
    const ready = await frames.next().catch(() => undefined);
    clearTimeout(deadline);
    if (!ready || ready.done) throw await kill('unstarted');
  })();
  // Whoever runs an image hears of it; a process that nobody uses may fail unheard.
  started.catch(() => {});

  return {
    pid: child.pid,
    get alive() {
      return alive;
    },
    get served() {
      return served;
    },
    memory,
    async run(request, original, signal) {
      await started;
      signal.throwIfAborted();
      served += 1;
      const deadline = setTimeout(kill, limits.timeoutMs, 'timeout');
      const memoryWatch = setInterval(() => {
        if (memory() > limits.memoryBytes) kill('memory');
      }, MEMORY_CHECK_MS);
      const abort = () => void kill();
      signal.addEventListener('abort', abort, { once: true });
      try {
        writeFrame(channel, request, [original]);
        const frame = await frames.next();
        if (!frame.done) return openReply(frame.value);
      } catch (error) {
        if (error instanceof ImageRejected || error instanceof ImageProcessFailed) throw error;
        complaint += String(error);
      } finally {
        clearTimeout(deadline);
        clearInterval(memoryWatch);
        signal.removeEventListener('abort', abort);
      }
      const death = await kill('crash');
      signal.throwIfAborted();
      throw death;
    },
    async stop() {
      await kill();
    },
  };
}
