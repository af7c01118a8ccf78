/** The life of a form: how it ends unused, and begins anew. */
import { and, eq, lt, or, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import type { Quota } from './create-images.ts';
import { type Image, images } from './schema.ts';
import { fromNow, now } from './time.ts';

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
  const size = sql`coalesce(${images.declaredSize}, ${images.maxBytes})`;
  const [row] = await db
    .update(images)
    .set({ status: 'pending', formExpiresAt, updatedAt: now })
    .where(
      and(
        eq(images.id, id),
        // The quota is asked first, for a pending form too: it takes the owner's turn, and one that took the row before
        // the turn could wait for another renewal which waits for the row.
        or(
          and(
            maxPending === null ? undefined : sql`pending_of(${images.ownerId}) < ${maxPending}`,
            maxHeldBytes === null ? undefined : sql`held_by(${images.ownerId}) + ${size} <= ${maxHeldBytes}`,
            eq(images.status, 'expired'),
          ),
          eq(images.status, 'pending'),
        ),
      ),
    )
    .returning();
  return row;
}
