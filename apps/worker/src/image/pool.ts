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
   * image along: that one is tried once more in a process that has seen no other.
   * @throws {ImageRejected} the verdict: the image's fault
   * @throws {Error} anything else: ours
   */
  process(request: Request, original: Uint8Array, signal: AbortSignal): Promise<Renditions>;
  /** Process ids of the image processes. */
  pids(): number[];
  /** Kills every process; what they had is answered with an error. */
  close(): Promise<void>;
};

/** What an image is told that has cost two processes their life. What others killed says nothing of the image. */
const VERDICTS: Partial<Record<CauseOfDeath, [ImageRejectionCode, string]>> = {
  timeout: ['processing_timeout', 'It takes longer to process than allowed.'],
  memory: ['resource_limit', 'It takes more memory to process than allowed.'],
  crash: ['corrupt', 'The decoder breaks down on it.'],
};

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
        try {
          return await runOn(takeIdle(), ...job);
        } catch (error) {
          if (!(error instanceof ImageProcessDied)) throw error;
        }
        try {
          return await runOn(start(), ...job);
        } catch (error) {
          const verdict = error instanceof ImageProcessDied && VERDICTS[error.how];
          throw verdict ? new ImageRejected(...verdict) : error;
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
