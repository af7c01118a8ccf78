import { and, asc, count, desc, eq, inArray, isNull, lt, ne, or, type SQL, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { type Image, images } from './schema.ts';
import type { ImageStatus, Visibility } from './vocabulary.ts';

const prepareGetImage = (db: Db) =>
  db
    .select()
    .from(images)
    .where(eq(images.id, sql.placeholder('id')))
    .prepare('get_image');

/** Built once for each database: every poll asks this, and building it costs more than asking it. */
const getImageQueries = new WeakMap<Db, ReturnType<typeof prepareGetImage>>();

/** The row, whatever its status. */
export async function getImage(db: Db, id: string): Promise<Image | undefined> {
  const query = getImageQueries.get(db) ?? prepareGetImage(db);
  getImageQueries.set(db, query);
  const [row] = await query.execute({ id });
  return row;
}

/** Those of `ids` that have a row, in the order of `ids`. */
export async function getImages(db: Db, ids: string[]): Promise<Image[]> {
  const rows = await db.select().from(images).where(inArray(images.id, ids));
  return rows.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
}

/** Who asks: `admin` sees all; anybody else their own, and others' public images that are ready. */
export type Viewer = { sub: string; admin: boolean };

const visibleTo = (viewer: Viewer): SQL | undefined =>
  viewer.admin
    ? undefined
    : or(eq(images.ownerId, viewer.sub), and(eq(images.visibility, 'public'), eq(images.status, 'ready')));

/** Where a page ended: the last row's creation time and id. */
export type PageCursor = { createdAt: Date; id: string };

/**
 * Up to `limit` images of an entity that the viewer may see, newest first, that come after `after`.
 * Keyset pages: an insert or a delete between two pages neither repeats nor skips a row.
 */
export const listEntityImages = (
  db: Db,
  query: {
    entityType: string;
    entityId: string;
    viewer: Viewer;
    limit: number;
    after?: PageCursor | undefined;
  },
): Promise<Image[]> =>
  db
    .select()
    .from(images)
    .where(
      and(
        eq(images.entityType, query.entityType),
        eq(images.entityId, query.entityId),
        ne(images.status, 'deleting'),
        visibleTo(query.viewer),
        after(query.after),
      ),
    )
    .orderBy(desc(images.createdAt), desc(images.id))
    .limit(query.limit);

/**
 * Up to `limit` images, newest first, that come after `after`: the viewer's own, or an administrator's choice of all.
 */
export const listImages = (
  db: Db,
  query: {
    viewer: Viewer;
    ownerId?: string | undefined;
    status?: ImageStatus | undefined;
    folder?: string | undefined;
    visibility?: Visibility | undefined;
    limit: number;
    after?: PageCursor | undefined;
  },
): Promise<Image[]> =>
  db
    .select()
    .from(images)
    .where(
      and(
        query.viewer.admin ? undefined : eq(images.ownerId, query.viewer.sub),
        query.ownerId === undefined ? undefined : eq(images.ownerId, query.ownerId),
        query.status === undefined ? ne(images.status, 'deleting') : eq(images.status, query.status),
        query.folder === undefined ? undefined : eq(images.folder, query.folder),
        query.visibility === undefined ? undefined : eq(images.visibility, query.visibility),
        after(query.after),
      ),
    )
    .orderBy(desc(images.createdAt), desc(images.id))
    .limit(query.limit);

const after = (cursor: PageCursor | undefined): SQL | undefined =>
  cursor &&
  sql`(${images.createdAt}, ${images.id}) < (${cursor.createdAt.toISOString()}::timestamptz, ${cursor.id}::uuid)`;

/** How many forms the owner holds that have not been used. */
export async function countPending(db: Db, ownerId: string): Promise<number> {
  const [row] = await db
    .select({ pending: count() })
    .from(images)
    .where(and(eq(images.ownerId, ownerId), eq(images.status, 'pending')));
  return row?.pending ?? 0;
}

/** What the sweeper looks after, oldest first. */
export const findOverduePending = (
  db: Db,
  query: { graceSeconds: number; limit: number },
): Promise<Image[]> =>
  db
    .select()
    .from(images)
    .where(overduePending(query.graceSeconds))
    .orderBy(asc(images.formExpiresAt))
    .limit(query.limit);

/** How many of them there are. */
export async function countOverduePending(db: Db, graceSeconds: number): Promise<number> {
  const [row] = await db.select({ overdue: count() }).from(images).where(overduePending(graceSeconds));
  return row?.overdue ?? 0;
}

const overduePending = (graceSeconds: number): SQL | undefined =>
  and(
    eq(images.status, 'pending'),
    lt(images.formExpiresAt, sql`now() - make_interval(secs => ${graceSeconds})`),
  );

/** Claims that lapsed or were given back, of which nothing has been seen for `idleSeconds`: no redelivery took them up. */
export const findLapsedClaims = (db: Db, query: { idleSeconds: number; limit: number }): Promise<Image[]> =>
  db
    .select()
    .from(images)
    .where(
      and(
        eq(images.status, 'processing'),
        lt(images.claimExpiresAt, sql`now()`),
        lt(images.updatedAt, sql`now() - make_interval(secs => ${query.idleSeconds})`),
      ),
    )
    .orderBy(asc(images.claimExpiresAt))
    .limit(query.limit);

/** The status of each of `ids` that has a row. */
export async function getStatuses(db: Db, ids: string[]): Promise<Map<string, ImageStatus>> {
  const rows = await db
    .select({ id: images.id, status: images.status })
    .from(images)
    .where(inArray(images.id, ids));
  return new Map(rows.map(({ id, status }) => [id, status]));
}

/** Not while a worker's claim lasts: it may still be putting objects. */
export const findDeleting = (db: Db, query: { idleSeconds: number; limit: number }): Promise<Image[]> =>
  db
    .select()
    .from(images)
    .where(
      and(
        eq(images.status, 'deleting'),
        or(isNull(images.claimExpiresAt), lt(images.claimExpiresAt, sql`now()`)),
        lt(images.updatedAt, sql`now() - make_interval(secs => ${query.idleSeconds})`),
      ),
    )
    .orderBy(asc(images.updatedAt))
    .limit(query.limit);
