/**
 * Idempotency keys: a request that is sent again, because its answer got lost, makes nothing a second time.
 * The key is written before the images, together with the ids that these will have; a process that dies between
 * the two leaves a lock that lapses, and the next request with the key finds out by the ids how far it came.
 */
import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm';
import type { Db } from './client.ts';
import { runOften } from './run-often.ts';
import { idempotencyKeys } from './schema.ts';

/** Hours that a key is remembered. */
export const KEY_HOURS = 24;

const isForgotten = (row: string) => `${row}.created_at < now() - make_interval(hours => ${KEY_HOURS})`;

export type KeyedRequest = { ownerId: string; key: string; fingerprint: string };

export type Reservation =
  /** The key is the caller's until it is settled or given back, or the lock lapses. Create these images. */
  | { outcome: 'reserved'; imageIds: string[] }
  /** The request has been served: these are its images. */
  | { outcome: 'served'; imageIds: string[] }
  | { outcome: 'in flight' }
  | { outcome: 'other request' };

const RESERVE = `
  insert into idempotency_keys as held (owner_id, key, fingerprint, image_ids, locked_until)
  values ($1, $2, $3, $4, now() + make_interval(secs => $5))
  on conflict (owner_id, key) do update set
    fingerprint = excluded.fingerprint,
    image_ids = case when ${isForgotten('held')} then excluded.image_ids else held.image_ids end,
    locked_until = excluded.locked_until,
    created_at = case when ${isForgotten('held')} then now() else held.created_at end
  where ${isForgotten('held')} or (held.locked_until < now() and held.fingerprint = excluded.fingerprint)
  returning image_ids`;

const SETTLE = 'update idempotency_keys set locked_until = null where owner_id = $1 and key = $2';

/**
 * Takes the key for a request that is going to create `imageIds`, or tells why not. A reservation whose holder died
 * is taken over with the ids that it had.
 */
export async function reserveKey(
  db: Db,
  request: KeyedRequest & { imageIds: string[]; lockSeconds: number },
): Promise<Reservation> {
  const { ownerId, key, fingerprint, imageIds, lockSeconds } = request;
  const [reserved] = await runOften(db, RESERVE, [ownerId, key, fingerprint, imageIds, lockSeconds]);
  if (reserved) return { outcome: 'reserved', imageIds: reserved.image_ids as string[] };

  const [held] = await db.select().from(idempotencyKeys).where(isKey(request));
  // Given back in this very moment: the caller may try again.
  if (!held) return { outcome: 'in flight' };
  if (held.fingerprint !== fingerprint) return { outcome: 'other request' };
  return held.lockedUntil ? { outcome: 'in flight' } : { outcome: 'served', imageIds: held.imageIds };
}

const isKey = ({ ownerId, key }: Pick<KeyedRequest, 'ownerId' | 'key'>) =>
  and(eq(idempotencyKeys.ownerId, ownerId), eq(idempotencyKeys.key, key));

/** The images are there: from here on the key stands for them. */
export async function settleKey(db: Db, request: Pick<KeyedRequest, 'ownerId' | 'key'>): Promise<void> {
  await runOften(db, SETTLE, [request.ownerId, request.key]);
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
    .where(sql.raw(isForgotten('idempotency_keys')))
    .limit(limit)
    // Those that another sweeper is at are its; two that waited for each other's rows would be a deadlock.
    .for('update', { skipLocked: true });
  const rows = await db
    .delete(idempotencyKeys)
    .where(inArray(sql`ctid`, old))
    .returning({ key: idempotencyKeys.key });
  return rows.length;
}
