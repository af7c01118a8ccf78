import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { newImage, openTestDatabase } from '../test/database.ts';
import { claimImage } from './claims.ts';
import { createImages, type NewImage } from './create-images.ts';
import { markDeleting } from './delete-image.ts';
import {
  countOverduePending,
  countPending,
  findDeleting,
  findLapsedClaims,
  findOverduePending,
  getStatuses,
  listEntityImages,
  listImages,
  type PageCursor,
  type Viewer,
} from './queries.ts';
import { settleReady } from './settle.ts';

// One connection, so that its statistics are flushed where they are read.
const { db } = await openTestDatabase({ maxConnections: 1 });

const ready = async (over: Partial<NewImage>): Promise<string> => {
  const [row] = await createImages(db, [newImage(over)]);
  const claim = row && (await claimImage(db, row.id, 60));
  if (!claim) throw new Error('not claimed');
  await settleReady(db, claim, {
    s3Key: `public/uploads/${claim.id}.webp`,
    width: 1,
    height: 1,
    sizeBytes: 1,
    variants: [],
    thumbhash: null,
    placeholder: null,
  });
  return claim.id;
};

const alice: Viewer = { sub: 'alice', admin: false };
const bob: Viewer = { sub: 'bob', admin: false };
const admin: Viewer = { sub: 'root', admin: true };

describe('the images of an entity', () => {
  it("are the viewer's own, others' public ones that are ready, and all for an admin", async () => {
    const entity = { entityType: 'post', entityId: randomUUID() };
    const pending = await createImages(db, [newImage({ ...entity, visibility: 'public' })]);
    const hidden = await ready(entity);
    const shown = await ready({ ...entity, visibility: 'public' });
    const list = async (viewer: Viewer) =>
      (await listEntityImages(db, { ...entity, viewer, limit: 10 })).map(({ id }) => id).sort();
    const all = [pending[0]?.id, hidden, shown].sort();
    expect(await list(alice)).toEqual(all);
    expect(await list(admin)).toEqual(all);
    expect(await list(bob)).toEqual([shown]);
  });

  it('come newest first, each once, while others are inserted and deleted between pages', async () => {
    const entity = { entityType: 'album', entityId: randomUUID() };
    // One statement, one `now()`: all share their creation time, so that the id must decide.
    const rows = await createImages(
      db,
      Array.from({ length: 50 }, () => newImage(entity)),
    );
    const seen: string[] = [];
    let after: PageCursor | undefined;
    for (;;) {
      const page = await listEntityImages(db, { ...entity, viewer: alice, limit: 7, after });
      seen.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (page.length < 7 || !last) break;
      after = { createdAt: last.createdAt, id: last.id };
      await createImages(db, [newImage(entity)]);
      const victim = page[0];
      if (victim) await markDeleting(db, victim.id);
    }
    expect(seen).toHaveLength(new Set(seen).size);
    expect(new Set(seen)).toEqual(new Set(rows.map(({ id }) => id)));
  });
});

describe("a caller's images", () => {
  it("are the viewer's own, or what an administrator asks for, by each filter", async () => {
    const [carol, dave] = [randomUUID(), randomUUID()];
    const rows = await createImages(db, [
      newImage({ ownerId: carol, folder: 'a' }),
      newImage({ ownerId: carol, folder: 'b', visibility: 'public' }),
    ]);
    const [first, second] = rows.map(({ id }) => id);
    const others = await ready({ ownerId: dave, visibility: 'public' });
    const list = async (viewer: Viewer, filters: Partial<Parameters<typeof listImages>[1]> = {}) =>
      (await listImages(db, { viewer, limit: 100, ...filters })).map(({ id }) => id);
    const viewer = { sub: carol, admin: false };

    expect((await list(viewer)).sort()).toEqual([first, second].sort());
    expect(await list(viewer, { folder: 'a' })).toEqual([first]);
    expect(await list(viewer, { visibility: 'public' })).toEqual([second]);
    expect(await list(viewer, { status: 'ready' })).toEqual([]);
    expect(await list(viewer, { ownerId: dave })).toEqual([]);
    expect(await list(admin, { ownerId: dave })).toEqual([others]);
    expect(await list(admin)).toEqual(expect.arrayContaining([first, second, others]));
    await markDeleting(db, others);
    expect(await list(admin, { ownerId: dave })).toEqual([]);
  });
});

describe('the questions of the sweeper', () => {
  it('find forms that are over, claims that lapsed and deletes that stopped half-way, and no others', async () => {
    const past = new Date(Date.now() - 60_000);
    const [good, over, lapsed, held, deleting, deletingInWork] = await createImages(db, [
      newImage(),
      newImage({ formExpiresAt: past }),
      newImage(),
      newImage(),
      newImage(),
      newImage(),
    ]);
    if (!good || !over || !lapsed || !held || !deleting || !deletingInWork) throw new Error('no rows');
    await claimImage(db, lapsed.id, 0);
    await claimImage(db, held.id, 60);
    await markDeleting(db, deleting.id);
    await claimImage(db, deletingInWork.id, 60);
    await markDeleting(db, deletingInWork.id);

    const ids = (rows: { id: string }[]) => rows.map(({ id }) => id);
    expect(ids(await findOverduePending(db, { graceSeconds: 0, limit: 10 }))).toEqual([over.id]);
    expect(ids(await findOverduePending(db, { graceSeconds: 120, limit: 10 }))).toEqual([]);
    expect([await countOverduePending(db, 0), await countOverduePending(db, 120)]).toEqual([1, 0]);
    expect(ids(await findLapsedClaims(db, { idleSeconds: 0, limit: 10 }))).toEqual([lapsed.id]);
    expect(ids(await findLapsedClaims(db, { idleSeconds: 60, limit: 10 }))).toEqual([]);
    expect(await getStatuses(db, [good.id, held.id, randomUUID()])).toEqual(
      new Map([
        [good.id, 'pending'],
        [held.id, 'processing'],
      ]),
    );
    expect(ids(await findDeleting(db, { idleSeconds: 0, limit: 10_000 }))).toContain(deleting.id);
    expect(ids(await findDeleting(db, { idleSeconds: 0, limit: 10_000 }))).not.toContain(deletingInWork.id);
    expect(ids(await findDeleting(db, { idleSeconds: 60, limit: 10_000 }))).not.toContain(deleting.id);
  });
});

describe('every query has its index', () => {
  const scans = async (index: string): Promise<number> => {
    await db.execute(sql`select pg_stat_force_next_flush()`);
    const [row] = await db.execute<{ scans: number }>(
      sql`select idx_scan::int as scans from pg_stat_user_indexes where indexrelname = ${index}`,
    );
    if (!row) throw new Error(`no index ${index}`);
    return row.scans;
  };

  it.each<[string, () => Promise<unknown>]>([
    [
      'images_by_entity',
      () => listEntityImages(db, { entityType: 'post', entityId: '1', viewer: alice, limit: 20 }),
    ],
    ['images_by_owner', () => listImages(db, { viewer: alice, limit: 20 })],
    ['images_by_owner_status', () => listImages(db, { viewer: bob, status: 'ready', limit: 20 })],
    ['images_by_owner_folder', () => listImages(db, { viewer: bob, folder: 'a', limit: 20 })],
    ['images_by_owner_visibility', () => listImages(db, { viewer: bob, visibility: 'public', limit: 20 })],
    ['images_by_time', () => listImages(db, { viewer: admin, limit: 20 })],
    ['images_pending_by_owner', () => countPending(db, 'someone')],
    ['images_pending_expiry', () => findOverduePending(db, { graceSeconds: 86_400, limit: 20 })],
    ['images_pending_expiry', () => countOverduePending(db, 86_400)],
    ['images_lapsed_claims', () => findLapsedClaims(db, { idleSeconds: 86_400, limit: 20 })],
    ['images_deleting', () => findDeleting(db, { idleSeconds: 86_400, limit: 20 })],
  ])('%s serves it', async (index, query) => {
    if ((await countPending(db, 'filler')) === 0) {
      await createImages(
        db,
        Array.from({ length: 2000 }, () => newImage({ ownerId: 'filler' })),
      );
      await db.execute(sql`vacuum analyze images`);
    }
    const before = await scans(index);
    await query();
    expect(await scans(index)).toBe(before + 1);
  });
});
