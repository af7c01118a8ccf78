/** What is left to do where an image does not simply become ready. */
import {
  type ClaimedImage,
  getImage,
  type Image,
  releaseClaim,
  removeImage,
  settleFailed,
  settleRejected,
} from '@s3-image-app/db';
import type { RetryableFailure, TerminalFailure } from './failures.ts';
import type { Pipeline, Result } from './pipeline.ts';
import { deleteOriginal } from './storage/delete-objects.ts';
import { deleteRenditions, deleteStrays } from './storage/renditions.ts';

/** There is nothing to claim: another worker has the image, or it needs no more than that its leftovers go. */
export async function leaveAlone(
  { bucket }: Pipeline,
  id: string,
  image: Image | undefined,
): Promise<Result> {
  switch (image?.status) {
    case 'processing':
      return { busy: true, secondsLeft: secondsUntil(image.claimExpiresAt) };
    case 'pending':
    case 'expired':
    case 'failed':
      // It has been given back since we asked.
      return { busy: true, secondsLeft: 1 };
    case 'rejected':
      await deleteRenditions(bucket, image);
  }
  await deleteOriginal(bucket, id);
  return { settled: image ? 'before' : 'nothing there' };
}

export async function reject(
  pipeline: Pipeline,
  claim: ClaimedImage,
  failure: TerminalFailure,
): Promise<Result> {
  const { db, bucket } = pipeline;
  const rejected = await settleRejected(db, claim, { code: failure.code, detail: failure.message });
  if (!rejected) return cleanUpAfterLoss(pipeline, claim);
  // An earlier try may have come as far as putting some, of other bytes.
  if (claim.attempts > 1) await deleteRenditions(bucket, claim);
  await deleteOriginal(bucket, claim.id);
  return { settled: 'rejected', code: failure.code };
}

/** Every try has ended its worker. That is the image's doing: nothing that others need is out of reach. */
export async function giveUp({ db, bucket }: Pipeline, claim: ClaimedImage): Promise<Result> {
  if (await settleFailed(db, claim)) await deleteRenditions(bucket, claim);
  return { givenUp: true };
}

/** The original stays, for the next try or for an operator who sends the message again. */
export async function giveBack(
  { db, bucket }: Pipeline,
  claim: ClaimedImage,
  failure: RetryableFailure,
  last: boolean,
): Promise<Result> {
  if (!last) await releaseClaim(db, claim);
  else if (await settleFailed(db, claim)) await deleteRenditions(bucket, claim);
  return { failed: failure, last };
}

/**
 * The row moved on while we worked: whoever loses cleans up. Not where another worker has taken over, though: it writes
 * the same keys. When that one is done, what its row does not name is ours.
 */
export async function cleanUpAfterLoss(pipeline: Pipeline, claim: ClaimedImage): Promise<Result> {
  const { db, bucket } = pipeline;
  const image = await getImage(db, claim.id);
  if (image?.status === 'ready') await deleteStrays(bucket, image);
  else if (image?.status !== 'processing') await deleteRenditions(bucket, image ?? claim);
  const result = await leaveAlone(pipeline, claim.id, image);
  // Nobody else can be at work on it while the claim is still ours, so the delete ends here.
  if (image?.status === 'deleting' && image.claimToken === claim.claimToken) await removeImage(db, image.id);
  return result;
}

const secondsUntil = (moment: Date | null): number =>
  Math.max(1, Math.ceil(((moment?.getTime() ?? 0) - Date.now()) / 1000));
