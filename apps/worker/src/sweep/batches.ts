/** Rows of one question to the database. */
export const BATCH = 100;

/** More than this in one sweep waits for the next, so that no step keeps the others from their turn. */
const MAX_BATCHES = 50;

/** Asks `find` for batches and hands each to `handle`, which leaves none of them to be found again, until one is not full. */
export async function inBatches<T>(
  find: (limit: number) => Promise<T[]>,
  handle: (batch: T[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  for (let count = 0; count < MAX_BATCHES && !signal.aborted; count++) {
    const batch = await find(BATCH);
    await handle(batch);
    if (batch.length < BATCH) return;
  }
}
