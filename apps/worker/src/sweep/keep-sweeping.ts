import { setTimeout as sleep } from 'node:timers/promises';
import { queryCause } from '@s3-image-app/db';
import { type Sweeper, sweep } from './sweep.ts';

/** Sweeps every `intervalSeconds` until the sweeper's signal aborts; resolves when the last sweep has ended. */
export async function keepSweeping(sweeper: Sweeper, intervalSeconds: number): Promise<void> {
  while (!sweeper.signal.aborted) {
    // Up to a quarter early, so that workers that started together don't sweep together.
    const pause = intervalSeconds * 1000 * (1 - Math.random() / 4);
    await sleep(pause, undefined, { signal: sweeper.signal }).catch(() => {});
    if (sweeper.signal.aborted) return;
    try {
      await sweep(sweeper);
    } catch (error) {
      if (!sweeper.signal.aborted) sweeper.log.warn({ err: queryCause(error) }, 'sweep cut short');
    }
  }
}
