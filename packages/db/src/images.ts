/**
 * The arrows of the state machine (schema.ts draws it). Each is one conditional statement, so
 * that of two processes that try the same arrow one gets the row and the other gets undefined:
 * "somebody else did it" is an answer here, never an error.
 */
import { randomUUID } from 'node:crypto';
import { and, eq, inArray, lt, ne, or, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Db } from './client.ts';
import type { Quota } from './create-images.ts';
import {
  type Image,
  type ImageStatus,
  images,
  type MetadataClass,
  type RejectionCode,
  type Variant,
} from './schema.ts';

const now = sql`now()`;
const fromNow = (seconds: number) => sql`now() + make_interval(secs => ${seconds})`;

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

const heldBy = (claim: Claim) =>
  and(eq(images.id, claim.id), eq(images.status, 'processing'), eq(images.claimToken, claim.claimToken));

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

const released = { claimToken: null, claimExpiresAt: null, updatedAt: now } as const;

export type Rendered = {
  s3Key: string;
  width: number;
  height: number;
  sizeBytes: number;
  variants: Variant[];
  thumbhash: string | null;
  placeholder: string | null;
  /** Absent: none. */
  removedMetadata?: MetadataClass[];
};

/** processing ▶ ready. Undefined when the row moved on: then the caller removes the renditions that it put. */
export async function settleReady(db: Db, claim: Claim, rendered: Rendered): Promise<Image | undefined> {
  const [row] = await db
    .update(images)
    .set({ ...released, ...rendered, status: 'ready', readyAt: now })
    .where(heldBy(claim))
    .returning();
  return row;
}

/** processing ▶ rejected, for ever. `detail` is shown to the client. */
export async function settleRejected(
  db: Db,
  claim: Claim,
  rejection: { code: RejectionCode; detail: string },
): Promise<Image | undefined> {
  const [row] = await db
    .update(images)
    .set({
      ...released,
      status: 'rejected',
      rejectionCode: rejection.code,
      rejectionDetail: rejection.detail,
    })
    .where(heldBy(claim))
    .returning();
  return row;
}

/** processing ▶ failed, after the last try. A redelivered message may claim it again. */
export async function settleFailed(db: Db, claim: Claim): Promise<Image | undefined> {
  const [row] = await db
    .update(images)
    .set({ ...released, status: 'failed' })
    .where(heldBy(claim))
    .returning();
  return row;
}

/** pending ▶ expired, once the form has been over for `graceSeconds`. The caller has seen that no object is there. */
export async function expireImage(db: Db, id: string, graceSeconds: number): Promise<Image | undefined> {
  const [row] = await db
    .update(images)
    .set({ status: 'expired', updatedAt: now })
    .where(
      and(eq(images.id, id), eq(images.status, 'pending'), lt(images.formExpiresAt, fromNow(-graceSeconds))),
    )
    .returning();
  return row;
}

/**
 * pending | expired ▶ pending, with a form that ends at `formExpiresAt`. Undefined for an image that is past that,
 * and for an expired one that would bring its owner above the quota.
 */
export async function renewForm(
  db: Db,
  id: string,
  { formExpiresAt, maxPending = null, maxHeldBytes = null }: { formExpiresAt: Date } & Quota,
): Promise<Image | undefined> {
  const others = (what: SQL, condition?: SQL) =>
    db
      .select({ what })
      .from(sibling)
      .where(and(eq(sibling.ownerId, images.ownerId), condition));
  const pending = others(sql`count(*)`, eq(sibling.status, 'pending'));
  const held = others(sql`coalesce(sum(${sibling.heldBytes}), 0)`);
  const size = sql`coalesce(${images.declaredSize}, ${images.maxBytes})`;
  const [row] = await db
    .update(images)
    .set({ status: 'pending', formExpiresAt, updatedAt: now })
    .where(
      and(
        eq(images.id, id),
        or(
          eq(images.status, 'pending'),
          and(
            eq(images.status, 'expired'),
            maxPending === null ? undefined : sql`(${pending}) < ${maxPending}`,
            maxHeldBytes === null ? undefined : sql`(${held}) + ${size} <= ${maxHeldBytes}`,
          ),
        ),
      ),
    )
    .returning();
  return row;
}

/** The table beside itself, for questions about an owner's other images. */
const sibling = alias(images, 'sibling');

/** What a caller may change of an image at any time. A field that is left out stays; null empties it. */
export type Description = Partial<Pick<Image, 'alt' | 'entityType' | 'entityId'>>;

/**
 * Changes what an image is described by, whatever its status. With `unchangedSince` (its `updatedAt`) only if nothing
 * has changed since. Undefined when it has, and when the image is gone or going.
 */
export async function describeImage(
  db: Db,
  id: string,
  description: Description,
  unchangedSince?: Date,
): Promise<Image | undefined> {
  const [row] = await db
    .update(images)
    .set({
      ...description,
      // Later than before even within a millisecond, so that no change hides behind the same moment.
      updatedAt: sql`greatest(now(), ${images.updatedAt} + interval '1 millisecond')`,
    })
    .where(
      and(
        eq(images.id, id),
        ne(images.status, 'deleting'),
        unchangedSince && eq(images.updatedAt, unchangedSince),
      ),
    )
    .returning();
  return row;
}

/**
 * any ▶ deleting; also a row that is deleting already, whose first delete may have died half-way.
 * A claim stays on the row, though it settles nothing any more: while `claimExpiresAt` lies ahead a worker
 * may still be putting objects, so the row must outlive it.
 */
export async function markDeleting(db: Db, id: string): Promise<Image | undefined> {
  const [row] = await db
    .update(images)
    .set({ status: 'deleting', updatedAt: now })
    .where(eq(images.id, id))
    .returning();
  return row;
}

/** deleting ▶ (no row), once no object is left. False when the row is gone already. */
export async function removeImage(db: Db, id: string): Promise<boolean> {
  const rows = await db
    .delete(images)
    .where(and(eq(images.id, id), eq(images.status, 'deleting')))
    .returning({ id: images.id });
  return rows.length > 0;
}
