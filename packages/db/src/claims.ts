/** A worker's time-limited right to process an image: nobody else gets it until it lapses or is given back. */
import { randomUUID } from 'node:crypto';
import { and, eq, inArray, lt, ne, or, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { heldBy, released } from './held-by.ts';
import { type Image, images } from './schema.ts';
import { fromNow, now } from './time.ts';
import type { ImageStatus } from './vocabulary.ts';

/** Statuses that an image can be claimed from. `processing` stands for a claim that has lapsed. */
export const CLAIMABLE = ['pending', 'expired', 'failed', 'processing'] as const satisfies ImageStatus[];
export type Claimable = (typeof CLAIMABLE)[number];

/**
 * pending ▶ processing, for `leaseSeconds`; also a lapsed claim, a failed image that is tried anew, and
 * an expired one whose object arrived after all (S3 checks the form when an upload starts, not when it ends).
 * With `from` only from those: whoever has seen the image in one of them finds out that it moved on.
 * `renditionWidths` are those of the variants that the worker is going to put: the row keeps them beside those of
 * workers before it.
 * The answer's `claimToken` is what the other arrows of this claim need.
 */
export async function claimImage(
  db: Db,
  id: string,
  leaseSeconds: number,
  {
    from = CLAIMABLE,
    renditionWidths = [],
  }: { from?: readonly Claimable[] | undefined; renditionWidths?: number[] } = {},
): Promise<ClaimedImage | undefined> {
  const [row] = await db
    .update(images)
    .set({
      status: 'processing',
      claimToken: randomUUID(),
      claimExpiresAt: fromNow(leaseSeconds),
      renditionWidths: sql`array(
        select distinct unnest(coalesce(${images.renditionWidths}, '{}') || ${sql.param(renditionWidths, images.renditionWidths)}))`,
      // A redrive starts counting anew.
      attempts: sql`case when ${images.status} = 'failed' then 1 else ${images.attempts} + 1 end`,
      updatedAt: now,
    })
    .where(
      and(
        eq(images.id, id),
        inArray(images.status, from),
        or(ne(images.status, 'processing'), lt(images.claimExpiresAt, now)),
      ),
    )
    .returning();
  return row && { ...row, claimToken: row.claimToken as string };
}

/** An image that one worker holds. */
export type ClaimedImage = Image & { claimToken: string };
export type Claim = Pick<ClaimedImage, 'id' | 'claimToken'>;

/** Extends a claim to `leaseSeconds` from now. False when the claim is no longer ours. */
export async function renewClaim(db: Db, claim: Claim, leaseSeconds: number): Promise<boolean> {
  const rows = await db
    .update(images)
    .set({ claimExpiresAt: fromNow(leaseSeconds) })
    .where(heldBy(claim))
    .returning({ id: images.id });
  return rows.length > 0;
}

/** Gives a claim back at once, so that the next delivery need not wait for the lease to lapse. */
export async function releaseClaim(db: Db, claim: Claim): Promise<void> {
  await db.update(images).set({ claimExpiresAt: sql`to_timestamp(0)` }).where(heldBy(claim));
}

/**
 * processing ▶ pending: there was no original after all (an event that came late, or was made up). The try
 * doesn't count. False when the claim is no longer ours.
 */
export async function unclaimImage(db: Db, claim: Claim): Promise<boolean> {
  const rows = await db
    .update(images)
    .set({ ...released, status: 'pending', attempts: sql`${images.attempts} - 1` })
    .where(heldBy(claim))
    .returning({ id: images.id });
  return rows.length > 0;
}
