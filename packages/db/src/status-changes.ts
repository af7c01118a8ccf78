import { DrizzleQueryError, getTableColumns } from 'drizzle-orm';
import postgres from 'postgres';
import type { Db } from './client.ts';
import { type Image, images } from './schema.ts';
import type { ImageStatus } from './vocabulary.ts';

/**
 * Seconds until a connection that was lost or refused is tried again. The driver's own waits grow with failures, but it
 * takes a server that answers and refuses for none, and would come back a hundred times a second.
 */
const reconnectAfter = (): number => 1 + Math.random();

export type Listening = {
  /** Ends the connection, or the attempts at one. */
  close: () => Promise<void>;
};

/**
 * Calls `heard` with an image's id soon after its status has changed. What changes while the connection is
 * away is not told afterwards: ask `findMovedOn` now and then. The connection is one of its own, beside the pool. It is
 * tried for until there is one, and again when it is lost; `missing` is told why there is none at first.
 */
export function listenForStatuses(
  db: Db,
  heard: (id: string) => void,
  missing: (error: unknown) => void,
): Listening {
  // As the driver itself makes a client for listening; its types only know options that nobody has completed yet.
  const options = { ...db.$client.options, backoff: reconnectAfter };
  const client = postgres(options as unknown as postgres.Options<Record<string, never>>);
  client.listen('image_status', heard).catch(missing);
  return { close: () => client.end({ timeout: 0 }) };
}

/** An image and the status that somebody believes it to have. */
export type Belief = { id: string; status: ImageStatus };

const MOVED_ON = `
  select believed.id as asked, images.*
  from jsonb_to_recordset($1::text::jsonb) as believed(id uuid, status text)
  left join images on images.id = believed.id
  where images.status is distinct from believed.status`;

const columns = Object.entries(getTableColumns(images));

/** The row as the driver gives it, turned into what the schema says. */
const toImage = (row: Record<string, unknown>): Image =>
  Object.fromEntries(
    columns.map(([field, column]) => {
      const value = row[column.name];
      return [field, value === null ? null : column.mapFromDriverValue(value)];
    }),
  ) as Image;

/** Of the images in `beliefs` those that have another status by now; undefined stands for one that has no row. */
export async function findMovedOn(db: Db, beliefs: Belief[]): Promise<Map<string, Image | undefined>> {
  try {
    const rows = await db.$client.unsafe(MOVED_ON, [JSON.stringify(beliefs)], { prepare: true });
    return new Map(rows.map((row) => [row.asked, row.id === null ? undefined : toImage(row)]));
  } catch (error) {
    throw new DrizzleQueryError(MOVED_ON, [], error as Error);
  }
}
