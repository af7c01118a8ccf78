import { and, eq } from 'drizzle-orm';
import type { Db } from './client.ts';
import { type Image, images } from './schema.ts';
import { now } from './time.ts';

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
