import type { Claimable, ClaimedImage, Db, RejectionCode } from '@s3-image-app/db';
import type { Logger } from '@s3-image-app/runtime';
import type { RetryableFailure } from './failures.ts';
import type { OutputSettings } from './image/convert.ts';
import type { Limits } from './image/limits.ts';
import type { ImagePool } from './image/pool.ts';
import type { Bucket } from './storage/bucket.ts';

/** All that processing an image needs. */
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
  /** Statuses to claim it from; absent: from all that can be. */
  from?: readonly Claimable[];
  /** Whether this is the last try, after which an image that can't be processed has failed. */
  isLast: (claim: ClaimedImage) => boolean;
};

export type Result =
  /** Nothing is left to do: the image is settled, now or before, or nothing was uploaded. */
  | { settled: 'ready' | 'before' | 'nothing there' }
  | { settled: 'rejected'; code: RejectionCode }
  /** Another worker has it. */
  | { busy: true; secondsLeft: number }
  /** It has ended its worker each time, and has failed. */
  | { givenUp: true }
  /** It can be tried again, or with `last` was tried often enough. */
  | { failed: RetryableFailure; last: boolean };
