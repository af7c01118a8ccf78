import {
  type ClaimedImage,
  claimImage,
  type Db,
  getImage,
  type Image,
  type RejectionCode,
  releaseClaim,
  removeImage,
  settleFailed,
  settleReady,
  settleRejected,
  unclaimImage,
} from '@s3-image-app/db';
import type { Logger } from '@s3-image-app/runtime';
import { asFailure, RetryableFailure, type TerminalFailure } from './failures.ts';
import { holdClaim } from './hold-claim.ts';
import type { OutputSettings } from './image/convert.ts';
import type { Limits } from './image/limits.ts';
import type { ImagePool } from './image/pool.ts';
import type { Bucket } from './storage/bucket.ts';
import { deleteOriginal } from './storage/delete-objects.ts';
import { fetchOriginal } from './storage/fetch-original.ts';
import { deleteRenditions, putRenditions } from './storage/renditions.ts';

export type Pipeline = {
  db: Db;
  bucket: Bucket;
  images: ImagePool;
  limits: Limits;
  output: OutputSettings;
  /** Seconds that a claim lasts without being renewed. */
  leaseSeconds: number;
  /** How often an image is tried. */
  maxTries: number;
  log: Logger;
};

/** One try of one image. */
export type Attempt = {
  signal: AbortSignal;
  /** Whether this is the last try, after which an image that can't be processed has failed. */
  isLast: (claim: ClaimedImage) => boolean;
};

export type Result =
  /** Nothing is left to do: the image is settled, now or before, or there is none. */
  | { settled: 'ready' | 'before' | 'nothing there' }
  | { settled: 'rejected'; code: RejectionCode }
  /** Another worker has it. */
  | { busy: true; secondsLeft: number }
  /** It can be tried again, or with `last` was tried often enough. */
  | { failed: RetryableFailure; last: boolean };

/**
 * Takes an image from its original to its renditions: claim ▸ fetch ▸ inspect ▸ convert ▸ promote ▸ settle.
 *
 * The row decides, not the caller: of an image that is settled only the leftover original is removed. Every step
 * can be repeated, since keys derive from the id; after a crash the next try goes the whole way again.
 * @throws when the database can't be reached
 */
export async function processImage(pipeline: Pipeline, id: string, attempt: Attempt): Promise<Result> {
  const claim = await claimImage(pipeline.db, id, pipeline.leaseSeconds);
  if (!claim) return leaveAlone(pipeline, id);
  const hold = holdClaim(pipeline, claim, attempt.signal);
  try {
    if (claim.attempts > pipeline.maxTries)
      throw new RetryableFailure('Every try before has ended the worker');
    const original = await fetchOriginal(pipeline.bucket, claim, hold.signal);
    if (!original) return await nothingThere(pipeline, claim);
    const renditions = await inspectAndConvert(pipeline, claim, original, hold.signal);
    const rendered = await putRenditions(pipeline.bucket, claim, renditions, hold.signal);
    if (!(await settleReady(pipeline.db, claim, rendered))) return await cleanUpAfterLoss(pipeline, claim);
    await deleteOriginal(pipeline.bucket, id);
    return { settled: 'ready' };
  } catch (error) {
    const failure = asFailure(error);
    if (hold.lost()) return await cleanUpAfterLoss(pipeline, claim);
    if (failure.kind === 'terminal') return await reject(pipeline, claim, failure);
    const last = attempt.isLast(claim) || claim.attempts > pipeline.maxTries;
    return await giveBack(pipeline, claim, failure, last && !attempt.signal.aborted);
  } finally {
    await hold.end();
  }
}

/** In an isolated process: these are the steps that touch what a stranger sent. */
const inspectAndConvert = (pipeline: Pipeline, image: Image, original: Buffer, signal: AbortSignal) =>
  pipeline.images.process(
    { declaredType: image.contentType, limits: pipeline.limits, output: pipeline.output },
    original,
    signal,
  );

/** There was nothing to claim: another worker has the image, or it needs no more than that its leftovers go. */
async function leaveAlone({ db, bucket, output }: Pipeline, id: string): Promise<Result> {
  const image = await getImage(db, id);
  switch (image?.status) {
    case 'processing':
      return { busy: true, secondsLeft: secondsUntil(image.claimExpiresAt) };
    case 'pending':
    case 'expired':
    case 'failed':
      // It has been given back since we asked.
      return { busy: true, secondsLeft: 1 };
    case 'rejected':
      await deleteRenditions(bucket, image, output.variantWidths);
  }
  await deleteOriginal(bucket, id);
  return { settled: image ? 'before' : 'nothing there' };
}

/** The event was late or wrong. Somebody may still use the form, so the row waits on. */
async function nothingThere({ db }: Pipeline, claim: ClaimedImage): Promise<Result> {
  await unclaimImage(db, claim);
  return { settled: 'nothing there' };
}

async function reject(pipeline: Pipeline, claim: ClaimedImage, failure: TerminalFailure): Promise<Result> {
  const { db, bucket, output } = pipeline;
  const rejected = await settleRejected(db, claim, { code: failure.code, detail: failure.message });
  if (!rejected) return cleanUpAfterLoss(pipeline, claim);
  // An earlier try may have come as far as putting some; of other bytes, since it was not rejected.
  if (claim.attempts > 1) await deleteRenditions(bucket, claim, output.variantWidths);
  await deleteOriginal(bucket, claim.id);
  return { settled: 'rejected', code: failure.code };
}

/** The original stays, for the next try or for an operator who sends the message again. */
async function giveBack(
  { db, bucket, output }: Pipeline,
  claim: ClaimedImage,
  failure: RetryableFailure,
  last: boolean,
): Promise<Result> {
  if (!last) await releaseClaim(db, claim);
  else if (await settleFailed(db, claim)) await deleteRenditions(bucket, claim, output.variantWidths);
  return { failed: failure, last };
}

/**
 * The row moved on while we worked: whoever loses cleans up. Not where another worker has taken over, though: it
 * writes the same keys.
 */
async function cleanUpAfterLoss(pipeline: Pipeline, claim: ClaimedImage): Promise<Result> {
  const { db, bucket, output } = pipeline;
  const image = await getImage(db, claim.id);
  if (image?.status === 'processing') return { busy: true, secondsLeft: secondsUntil(image.claimExpiresAt) };
  if (image?.status !== 'ready') await deleteRenditions(bucket, image ?? claim, output.variantWidths);
  await deleteOriginal(bucket, claim.id);
  // Nobody else can be at work on it while the claim is still ours, so the delete ends here.
  if (image?.status === 'deleting' && image.claimToken === claim.claimToken) await removeImage(db, image.id);
  return { settled: 'before' };
}

const secondsUntil = (moment: Date | null): number =>
  Math.max(1, Math.ceil(((moment?.getTime() ?? 0) - Date.now()) / 1000));
