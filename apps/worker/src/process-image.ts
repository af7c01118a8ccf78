import { type ClaimedImage, claimImage, getImage, settleReady, unclaimImage } from '@s3-image-app/db';
import { cleanUpAfterLoss, giveBack, giveUp, leaveAlone, reject } from './aftermath.ts';
import { asFailure } from './failures.ts';
import { holdClaim } from './hold-claim.ts';
import type { Attempt, Pipeline, Result } from './pipeline.ts';
import { deleteOriginal } from './storage/delete-objects.ts';
import { fetchOriginal } from './storage/fetch-original.ts';
import { deleteStrays, putRenditions } from './storage/renditions.ts';

/**
 * Takes an image from its original to its renditions: claim ▸ fetch ▸ inspect ▸ convert ▸ promote ▸ settle.
 *
 * The row decides, not the caller: of an image that is settled only the leftover original is removed. Every step
 * can be repeated, since keys derive from the id; after a crash the next try goes the whole way again.
 * @throws when the database can't be reached
 */
export async function processImage(pipeline: Pipeline, id: string, attempt: Attempt): Promise<Result> {
  const claim = await claimImage(pipeline.db, id, pipeline.leaseSeconds, {
    from: attempt.from,
    renditionWidths: pipeline.output.variantWidths,
  });
  if (!claim) return leaveAlone(pipeline, id, await getImage(pipeline.db, id));
  if (claim.attempts > pipeline.maxTries) return giveUp(pipeline, claim);
  const hold = holdClaim(pipeline, claim, attempt.signal);
  try {
    const original = await fetchOriginal(pipeline.bucket, claim, hold.signal);
    if (!original) return await waitOn(pipeline, claim);
    const renditions = await inspectAndConvert(pipeline, claim, original, hold.signal);
    const rendered = await putRenditions(pipeline.bucket, claim, renditions, hold.signal);
    const ready = await settleReady(pipeline.db, claim, rendered);
    if (!ready) return await cleanUpAfterLoss(pipeline, claim);
    if (ready.attempts > 1) await deleteStrays(pipeline.bucket, ready);
    await deleteOriginal(pipeline.bucket, id);
    return { settled: 'ready' };
  } catch (error) {
    const failure = asFailure(error);
    if (hold.lost()) return await cleanUpAfterLoss(pipeline, claim);
    if (failure.kind === 'terminal') return await reject(pipeline, claim, failure);
    const last = attempt.isLast(claim) && !attempt.signal.aborted;
    return await giveBack(pipeline, claim, failure, last);
  } finally {
    await hold.end();
  }
}

/** The event was late or wrong. Somebody may still use the form, so the row waits on. */
async function waitOn(pipeline: Pipeline, claim: ClaimedImage): Promise<Result> {
  // A delete took the original from under us, then: it left the row to whoever holds the claim.
  if (!(await unclaimImage(pipeline.db, claim))) return cleanUpAfterLoss(pipeline, claim);
  return { settled: 'nothing there' };
}

/** In an isolated process: these are the steps that touch what a stranger sent. */
const inspectAndConvert = (
  { images, limits, output }: Pipeline,
  { contentType }: ClaimedImage,
  original: Buffer,
  signal: AbortSignal,
) => images.process({ declaredType: contentType, limits, output }, original, signal);
