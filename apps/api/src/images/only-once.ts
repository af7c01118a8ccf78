import { createHash, randomUUIDv7 } from 'node:crypto';
import { getImages, giveKeyBack, type Image, reserveKey, settleKey, type Viewer } from '@s3-image-app/db';
import { Type } from 'typebox';
import { Problem } from '../problems.ts';
import type { ImagesDeps } from './deps.ts';

/** Seconds after which a request that still holds its key is taken for dead: longer than any request lasts. */
const LOCK_SECONDS = 150;

/** Headers of a POST that may be sent again. */
export const IdempotentHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description:
        '1 to 255 printable ASCII characters without spaces, new for each thing that you want made, such as a UUID',
      examples: ['0197ba1c-8a9e-7c3e-9d5e-3f1c2b7a6d10'],
    }),
  ),
});

/** A request that makes images. */
export type Making = {
  caller: Viewer;
  /** The Idempotency-Key header. */
  key: string | undefined;
  /** What is asked for, as each route has it for itself: the same key may not ask for something else. */
  asked: unknown;
  /** How many images it makes. */
  count: number;
};

/**
 * Makes images by `make`, which is given their ids; or, if the caller has sent the same request under the same key
 * before, answers by `repeat` with the images that were made then.
 * @throws {Problem} idempotency_key_reused, idempotency_key_in_flight, image_not_found, and what `make` throws
 */
export async function onlyOnce<T>(
  { db }: Pick<ImagesDeps, 'db'>,
  { caller, key, asked, count }: Making,
  make: (ids: string[]) => Promise<T>,
  repeat: (images: Image[]) => Promise<T>,
): Promise<{ result: T; repeated: boolean }> {
  // Sorted by time, so that new rows lie together in the index, and with 74 random bits as hard to guess.
  const ids: string[] = Array.from({ length: count }, () => randomUUIDv7());
  if (key === undefined) return { result: await make(ids), repeated: false };

  const request = { ownerId: caller.sub, key, fingerprint: fingerprint(asked) };
  const reservation = await reserveKey(db, { ...request, imageIds: ids, lockSeconds: LOCK_SECONDS });
  if (reservation.outcome === 'other request') throw reused();
  if (reservation.outcome === 'in flight') throw inFlight();

  const { imageIds } = reservation;
  const made = imageIds.some((id) => !ids.includes(id)) ? await getImages(db, imageIds) : [];
  if (reservation.outcome === 'reserved' && made.length === 0) {
    try {
      const result = await make(imageIds);
      await settleKey(db, request);
      return { result, repeated: false };
    } catch (error) {
      await giveKeyBack(db, request);
      throw error;
    }
  }
  if (reservation.outcome === 'reserved') await settleKey(db, request);
  if (made.length < imageIds.length || made.some(({ status }) => status === 'deleting')) {
    throw new Problem('image_not_found', 'What was made under this Idempotency-Key has been deleted.');
  }
  return { result: await repeat(made), repeated: true };
}

const fingerprint = (asked: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(asked)))
    .digest('base64url');

/** The same whatever the order in which fields were sent. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => [name, sorted(field)]);
};

const reused = (): Problem =>
  new Problem('idempotency_key_reused', 'You have sent another request under this Idempotency-Key before.');

const inFlight = (): Problem =>
  new Problem('idempotency_key_in_flight', 'The first request under this Idempotency-Key is still running.', {
    headers: { 'retry-after': '1' },
  });
