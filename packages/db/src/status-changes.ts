import { DrizzleQueryError } from 'drizzle-orm';
import type { Db } from './client.ts';
import { type Image, type ImageStatus, toImage } from './schema.ts';

/**
 * Calls `heard` with an image's id soon after its status has changed. What changes while the connection is
 * away is not told afterwards: ask `findMovedOn` now and then. The connection is one of its own, beside the pool, comes
 * back by itself, and closes with the pool. Rejects if it cannot be opened at first.
 */
export async function listenForStatuses(db: Db, heard: (id: string) => void): Promise<void> {
  await db.$client.listen('image_status', heard);
}

/** An image and the status that somebody believes it to have. */
export type Belief = { id: string; status: ImageStatus };

const MOVED_ON = `
  select believed.id as asked, images.*
  from jsonb_to_recordset($1::text::jsonb) as believed(id uuid, status text)
  left join images on images.id = believed.id
  where images.status is distinct from believed.status`;

/** Of the images in `beliefs` those that have another status by now; undefined stands for one that has no row. */
export async function findMovedOn(db: Db, beliefs: Belief[]): Promise<Map<string, Image | undefined>> {
  try {
    const rows = await db.$client.unsafe(MOVED_ON, [JSON.stringify(beliefs)], { prepare: true });
    return new Map(rows.map((row) => [row.asked, row.id === null ? undefined : toImage(row)]));
  } catch (error) {
    throw new DrizzleQueryError(MOVED_ON, [], error as Error);
  }
}
