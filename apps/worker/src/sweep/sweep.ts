import { countOverduePending } from '@s3-image-app/db';
import type { Pipeline } from '../pipeline.ts';
import { clearOriginals } from './clear-originals.ts';
import { expirePending } from './expire-pending.ts';
import { finishDeletes } from './finish-deletes.ts';
import { forgetOldKeys } from './forget-keys.ts';
import { recoverClaims } from './recover-claims.ts';

/** Seconds after which something counts as left behind. */
export type Ages = {
  /** Of a form's end. S3 checks the form when an upload starts, so one may still be on its way. */
  form: number;
  /** Of an original or a claim. Longer than any wait between two deliveries of a message, which come first. */
  work: number;
  /** Of a delete: the API may still be at it. */
  delete: number;
};

export const AGES: Ages = { form: 300, work: 900, delete: 60 };

/** Seconds after a form's end from which a pending image counts as stuck: several sweeps should have settled it. */
const STUCK_AFTER = 900;

export type Sweeper = Pipeline & {
  ages: Ages;
  /** Images processed at once. */
  concurrency: number;
  signal: AbortSignal;
};

/**
 * Looks once for what crashes, outages and lost events have left behind, and sets it right. Any number of workers
 * may sweep at once: each step goes by the same arrows as everything else.
 * @throws when a dependency is out of reach; the next sweep goes on
 */
export async function sweep(sweeper: Sweeper): Promise<void> {
  // First, so that it is told also of sweeps that get no further. An alarm is on this number.
  const stuckPending = await countOverduePending(sweeper.db, STUCK_AFTER);
  sweeper.log.info({ stuckPending }, 'sweep');
  await recoverClaims(sweeper);
  await expirePending(sweeper);
  await finishDeletes(sweeper);
  await clearOriginals(sweeper);
  await forgetOldKeys(sweeper);
}
