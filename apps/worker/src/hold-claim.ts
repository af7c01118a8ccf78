import { type ClaimedImage, type Db, queryCause, renewClaim } from '@s3-image-app/db';
import type { Logger } from '@s3-image-app/runtime';
import { startHeartbeat } from './queue/heartbeat.ts';

export type Hold = {
  /** Aborted when the claim is lost, or when the worker stops. */
  signal: AbortSignal;
  /** Somebody else has the image now, or it is being deleted. */
  lost(): boolean;
  /** Stops renewing. */
  end(): Promise<void>;
};

/**
 * Keeps a claim alive while its image is worked on: renewed each third of the lease, so that two beats may fail
 * before it lapses. A claim that is lost aborts the work, which could settle nothing any more.
 */
export function holdClaim(
  { db, leaseSeconds, log }: { db: Db; leaseSeconds: number; log: Logger },
  claim: ClaimedImage,
  signal: AbortSignal,
): Hold {
  const lost = new AbortController();
  const heartbeat = startHeartbeat(
    (leaseSeconds * 1000) / 3,
    async () => {
      if (!(await renewClaim(db, claim, leaseSeconds))) lost.abort();
    },
    (error) => log.warn({ image: claim.id, err: queryCause(error) }, 'claim not renewed'),
  );
  return {
    signal: AbortSignal.any([signal, lost.signal]),
    lost: () => lost.signal.aborted,
    end: heartbeat.stop,
  };
}
