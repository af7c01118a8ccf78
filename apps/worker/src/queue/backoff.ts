export type Backoff = { firstMs: number; maxMs: number };

/**
 * The wait before try number `attempt` + 1: doubles from `firstMs` to `maxMs`, and is shortened at random by up to a
 * quarter, so that many workers don't return at once.
 */
export const backoffMs = (attempt: number, { firstMs, maxMs }: Backoff): number =>
  Math.min(maxMs, firstMs * 2 ** Math.max(0, attempt - 1)) * (1 - Math.random() / 4);
