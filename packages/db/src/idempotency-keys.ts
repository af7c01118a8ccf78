/**
 * Idempotency keys: a request that is sent again, because its answer got lost, makes nothing a second time.
 * The key is written before the images, together with the ids that these will have; a process that dies between
 * the two leaves a lock that lapses, and the next request with the key finds out by the ids how far it came.
 */
import { and, eq, inArray, isNotNull, lt, or, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { idempotencyKeys } from './schema.ts';

/** Hours that a key is remembered. */
export const KEY_HOURS = 24;

const forgotten = sql`now() - make_interval(hours => ${sql.raw(String(KEY_HOURS))})`;

export type KeyedRequest = { ownerId: string; key: string; fingerprint: string };

export type Reservation =
  /** The key is the caller's until it is settled or given back, or the lock lapses. Create these images. */
  | { outcome: 'reserved'; imageIds: string[] }
  /** The request has been served: these are its images. */
  | { outcome: 'served'; imageIds: string[] }
  | { outcome: 'in flight' }
  | { outcome: 'other request' };

/**
 * Takes the key for a request that is going to create `imageIds`, or tells why not. A reservation whose holder died
 * is taken over with the ids that it had.
 */
export async function reserveKey(
  db: Db,
  request: KeyedRequest & { imageIds: string[]; lockSeconds: number },
): Promise<Reservation> {
  const { ownerId, key, fingerprint, imageIds, lockSeconds } = request;
  const table = idempotencyKeys;
  const isForgotten = lt(table.createdAt, forgotten);
  const [reserved] = await db
    .insert(table)
    .values({
      ownerId,
      key,
      fingerprint,
      imageIds,
      lockedUntil: sql`now() + make_interval(secs => ${lockSeconds})`,
    })
    .onConflictDoUpdate({
      target: [table.ownerId, table.key],
      set: {
        fingerprint,
        imageIds: sql`case when ${isForgotten} then excluded.image_ids else ${table.imageIds} end`,
        lockedUntil: sql`excluded.locked_until`,
        createdAt: sql`case when ${isForgotten} then now() else ${table.createdAt} end`,
      },
      setWhere: or(isForgotten, and(lt(table.lockedUntil, sql`now()`), eq(table.fingerprint, fingerprint))),
    })
    .returning();
  if (reserved) return { outcome: 'reserved', imageIds: reserved.imageIds };

  const [held] = await db.select().from(table).where(isKey(request));
  // Given back in this very moment: the caller may try again.
  if (!held) return { outcome: 'in flight' };
  if (held.fingerprint !== fingerprint) return { outcome: 'other request' };
  return held.lockedUntil ? { outcome: 'in flight' } : { outcome: 'served', imageIds: held.imageIds };
}

const isKey = ({ ownerId, key }: Pick<KeyedRequest, 'ownerId' | 'key'>) =>
  and(eq(idempotencyKeys.ownerId, ownerId), eq(idempotencyKeys.key, key));

/** The images are there: from here on the key stands for them. */
export async function settleKey(db: Db, request: Pick<KeyedRequest, 'ownerId' | 'key'>): Promise<void> {
  await db.update(idempotencyKeys).set({ lockedUntil: null }).where(isKey(request));
}

/** Nothing was created: the key is free for another try. */
export async function giveKeyBack(db: Db, request: Pick<KeyedRequest, 'ownerId' | 'key'>): Promise<void> {
  await db.delete(idempotencyKeys).where(and(isKey(request), isNotNull(idempotencyKeys.lockedUntil)));
}

/** Forgets up to `limit` keys that are older than KEY_HOURS; answers how many. For the sweeper. */
export async function forgetKeys(db: Db, { limit }: { limit: number }): Promise<number> {
  const old = db
    .select({ row: sql`ctid` })
    .from(idempotencyKeys)
    .where(lt(idempotencyKeys.createdAt, forgotten))
    .limit(limit)
    // Those that another sweeper is at are its; two that waited for each other's rows would be a deadlock.
    .for('update', { skipLocked: true });
  const rows = await db
    .delete(idempotencyKeys)
    .where(inArray(sql`ctid`, old))
    .returning({ key: idempotencyKeys.key });
  return rows.length;
}
