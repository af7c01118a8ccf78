import pLimit from 'p-limit';
import type { Renditions } from './convert.ts';
import { type CauseOfDeath, ImageProcessDied } from './death.ts';
import { type ImageProcess, type ProcessLimits, startImageProcess } from './image-process.ts';
import type { Request } from './protocol.ts';
import { ImageRejected, type ImageRejectionCode } from './rejection.ts';

export type PoolOptions = ProcessLimits & {
  /** Images processed side by side. */
  size: number;
  /** Images after which a process is replaced, so that what libraries leak stays small. */
  recycleAfter: number;
  onDeath?: (death: ImageProcessDied) => void;
  /** What the processes run. */
  entry?: URL;
};

export type ImagePool = {
  /**
   * Inspects and converts one image in a process of its own for that time. A process that dies takes only its
   * image along. Where the image may be what it died of, that is tried once more in a process that has seen no
   * other, and rejected if that dies of it too; where it is not, it is tried a few times again.
   * @throws {ImageRejected} the verdict: the image's fault
   * @throws {Error} anything else: ours, so the image can be tried again later
   */
  process(request: Request, original: Uint8Array, signal: AbortSignal): Promise<Renditions>;
  /** Process ids of the image processes. */
  pids(): number[];
  /** Kills every process; what they had is answered with an error. */
  close(): Promise<void>;
};

/**
 * What an image is told that has cost two processes their life. Nothing is said of it where somebody else killed the
 * process (the kernel for want of memory that others hold, an operator), or where it has not come up.
 */
const VERDICTS: Partial<Record<CauseOfDeath, [ImageRejectionCode, string]>> = {
  timeout: ['processing_timeout', 'It takes longer to process than allowed.'],
  memory: ['resource_limit', 'It takes more memory to process than allowed.'],
  crash: ['corrupt', 'The decoder breaks down on it.'],
};

/** Processes that an image may lose at no fault of its own before it is left for later. */
const MAX_LOST = 3;

/**
 * Bytes. A process that still holds more than this after an image is replaced: WebAssembly, which decodes HEIC, never
 * gives memory back. Twice of what one holds after JPEGs.
 */
const RECYCLE_ABOVE = 256 * 1024 * 1024;

export function createImagePool(options: PoolOptions): ImagePool {
  const entry = options.entry ?? new URL('./child.ts', import.meta.url);
  const seats = pLimit({ concurrency: options.size, rejectOnClear: true });
  const processes = new Set<ImageProcess>();
  const idle: ImageProcess[] = [];
  let closed = false;

  const start = (): ImageProcess => {
    if (closed) throw new Error('The image pool is closed');
    const process = startImageProcess(entry, options);
    processes.add(process);
    return process;
  };
  const retire = (process: ImageProcess) => {
    processes.delete(process);
    return process.stop();
  };
  const takeIdle = (): ImageProcess => {
    for (let process = idle.pop(); process; process = idle.pop()) {
      if (process.alive) return process;
      processes.delete(process);
    }
    return start();
  };
  const giveBack = (process: ImageProcess) => {
    if (process.served < options.recycleAfter && process.memory() < RECYCLE_ABOVE) {
      idle.push(process);
    } else {
      retire(process);
      idle.push(start());
    }
  };

  const runOn = async (process: ImageProcess, ...job: Parameters<ImageProcess['run']>) => {
    try {
      const renditions = await process.run(...job);
      giveBack(process);
      return renditions;
    } catch (error) {
      if (error instanceof ImageRejected) giveBack(process);
      else retire(process);
      if (error instanceof ImageProcessDied) options.onDeath?.(error);
      throw error;
    }
  };

  // Started ahead, so that the first images find them ready.
  for (let count = 0; count < options.size; count++) idle.push(start());

  return {
    process: (...job) =>
      seats(async () => {
        for (let suspected = false, lost = 0; ; ) {
          try {
            return await runOn(suspected ? start() : takeIdle(), ...job);
          } catch (error) {
            if (!(error instanceof ImageProcessDied)) throw error;
            const verdict = VERDICTS[error.how];
            if (verdict && suspected) throw new ImageRejected(...verdict);
            if (!verdict && ++lost > MAX_LOST) throw error;
            suspected ||= verdict !== undefined;
          }
        }
      }),
    pids: () => [...processes].flatMap(({ alive, pid }) => (alive && pid ? [pid] : [])),
    async close() {
      closed = true;
      seats.clearQueue();
      await Promise.all([...processes].map(retire));
    },
  };
}
