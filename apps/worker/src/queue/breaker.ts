import { setTimeout as sleep } from 'node:timers/promises';
import { type Backoff, backoffMs } from './backoff.ts';

/**
 * A circuit breaker. Messages that are received while S3 or the database is down use up their tries and end in
 * the dead-letter queue, though nothing is wrong with them. So a failure opens the breaker: the consumer waits,
 * longer after each failure in a row, until `probe` finds everything in place. From then on it takes one message
 * at a time (half-open), until one succeeds and closes the breaker.
 */
export type Breaker = {
  readonly state: 'closed' | 'half-open' | 'open';
  succeeded(): void;
  failed(): void;
  /** Resolves when receiving may go on; at once unless the breaker is open. Rejects when `signal` aborts. */
  passage(signal: AbortSignal): Promise<void>;
};

export function createBreaker(options: {
  /** Rejects while something that messages need is out of reach. */
  probe: () => Promise<void>;
  /** Told each time that the probe fails. */
  onOutage: (error: unknown) => void;
  backoff: Backoff;
}): Breaker {
  let failures = 0;
  let open = false;
  const failed = () => {
    failures += 1;
    open = true;
  };
  return {
    get state() {
      if (open) return 'open';
      return failures > 0 ? 'half-open' : 'closed';
    },
    failed,
    succeeded() {
      failures = 0;
      open = false;
    },
    async passage(signal) {
      while (open) {
        await sleep(backoffMs(failures, options.backoff), undefined, { signal });
        // A success of a message still in work may have closed it meanwhile.
        if (!open) return;
        open = false;
        await options.probe().catch((error: unknown) => {
          failed();
          options.onOutage(error);
        });
      }
    },
  };
}
