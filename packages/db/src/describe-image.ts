import { and, eq, ne, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { type Image, images } from './schema.ts';

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
