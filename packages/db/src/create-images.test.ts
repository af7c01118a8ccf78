import { describe, expect, it } from 'vitest';
import { newImage, openTestDatabase, pendingImage } from '../test/database.ts';
import { claimImage } from './claims.ts';
import { createImages, type NewImage } from './create-images.ts';
import { markDeleting } from './delete-image.ts';
import { countPending, getImage } from './queries.ts';
import { settleReady } from './settle.ts';

const connection = await openTestDatabase();

describe('createImages', () => {
  it('starts pending, with a time for everything that has one', async () => {
    const row = await pendingImage(connection.db, { alt: 'A cat', entityType: 'post', entityId: '7' });
    expect(row).toMatchObject({
      status: 'pending',
      ownerId: 'alice',
      alt: 'A cat',
      entityType: 'post',
      attempts: 0,
    });
    expect(Math.abs(row.createdAt.getTime() - Date.now())).toBeLessThan(60_000);
  });

  it('creates all or none', async () => {
    const good = newImage();
    await expect(createImages(connection.db, [good, newImage({ maxBytes: 0 })])).rejects.toThrow();
    expect(await getImage(connection.db, good.id)).toBeUndefined();
  });

  it.each([
    ['half an entity', { entityType: 'post' }],
    ['a size above what the form allows', { declaredSize: 5_000_000_001 }],
    ['an empty file', { declaredSize: 0 }],
    ['an unknown visibility', { visibility: 'secret' as never }],
  ])('refuses %s', async (_what, over) => {
    await expect(createImages(connection.db, [newImage(over)])).rejects.toThrow();
  });

  it('answers the rows as they are then read, whatever their fields hold', async () => {
    const given = newImage({
      declaredSize: 4_999_999_999,
      sha256: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
      filename: `it's "quoted" \\ and 日本語 🐘.jpg`,
      alt: '',
      entityType: 'product',
      entityId: '42',
    });
    const rows = await createImages(connection.db, [given, newImage()]);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ ...given, status: 'pending', attempts: 0, variants: [], s3Key: null });
    for (const row of rows) expect(await getImage(connection.db, row.id)).toEqual(row);
  });

  it('answers them in the order given', async () => {
    const given = Array.from({ length: 10 }, () => newImage());
    const rows = await createImages(connection.db, given);
    expect(rows.map(({ id }) => id)).toEqual(given.map(({ id }) => id));
  });

  it('creates none where the owner would hold more unused forms than allowed', async () => {
    const some = (count: number, ownerId: string) =>
      Array.from({ length: count }, () => newImage({ ownerId }));
    const limit = { maxPending: 3 };
    expect(await createImages(connection.db, some(2, 'bob'), limit)).toHaveLength(2);
    expect(await createImages(connection.db, some(2, 'bob'), limit)).toEqual([]);
    expect(await countPending(connection.db, 'bob')).toBe(2);
    const [third] = await createImages(connection.db, some(1, 'bob'), limit);
    expect(await createImages(connection.db, some(1, 'bob'), limit)).toEqual([]);
    // A form that was used makes place for the next one, and others' forms take none.
    await claimImage(connection.db, third?.id ?? '', 60);
    expect(await createImages(connection.db, some(1, 'bob'), limit)).toHaveLength(1);
    expect(await createImages(connection.db, some(3, 'carol'), limit)).toHaveLength(3);
  });

  it('creates none where the owner would hold more bytes than allowed, reserved ones at their most', async () => {
    const limit = { maxHeldBytes: 1000 };
    const ask = (over: Partial<NewImage>) =>
      createImages(connection.db, [newImage({ ownerId: 'dora', maxBytes: 600, ...over })], limit);
    const [first] = await ask({});
    expect(await ask({})).toEqual([]);
    expect(await ask({ declaredSize: 401 })).toEqual([]);
    expect(await ask({ declaredSize: 400 })).toHaveLength(1);

    // At its real size it leaves place, and once it is going it takes none.
    const claim = await claimImage(connection.db, first?.id ?? '', 60);
    if (!claim) throw new Error('not claimed');
    await settleReady(connection.db, claim, {
      s3Key: 'private/uploads/x.webp',
      width: 1,
      height: 1,
      sizeBytes: 100,
      variants: [{ s3Key: 'private/uploads/x-1w.webp', width: 1, height: 1, sizeBytes: 50 }],
      thumbhash: null,
      placeholder: null,
    });
    expect(await ask({ declaredSize: 451 })).toEqual([]);
    expect(await ask({ declaredSize: 450 })).toHaveLength(1);
    await markDeleting(connection.db, claim.id);
    expect(await ask({ declaredSize: 150 })).toHaveLength(1);
  });

  it.each([
    ['bytes', { maxHeldBytes: 2 * newImage().maxBytes }],
    ['places for unused forms', { maxPending: 3 }],
  ])('gives the same %s to one of many who ask at the same moment', async (what, quota) => {
    const atOnce = <T>(work: () => Promise<T>) => Promise.all(Array.from({ length: 10 }, work));
    // Each with a connection, so that none is ahead for want of one.
    await atOnce(() => connection.db.execute('select pg_sleep(0.1)'));
    for (let round = 0; round < 10; round++) {
      const ownerId = `erin ${round}, who wants ${what}`;
      const two = () => [newImage({ ownerId }), newImage({ ownerId })];
      const answers = await atOnce(() => createImages(connection.db, two(), quota));
      expect(answers.map(({ length }) => length).sort()).toEqual([...Array(9).fill(0), 2]);
    }
  });

  it("waits for nobody but who asks for the same owner's", async () => {
    const ask = (ownerId: string) => createImages(connection.db, [newImage({ ownerId })], { maxPending: 3 });
    let waiting: Promise<unknown> | undefined;
    await connection.db.transaction(async (held) => {
      await held.execute(`select pending_of('fay')`);
      waiting = ask('fay');
      expect(await ask('gil')).toHaveLength(1);
      await expect
        .poll(() =>
          connection.db.execute(`select 1 from pg_locks where locktype = 'advisory' and not granted`),
        )
        .toHaveLength(1);
    });
    expect(await waiting).toHaveLength(1);
  });

  it('fails without repeating the values', async () => {
    const wrong = newImage({ declaredSize: 0, filename: 'secret.jpg' });
    const error = await createImages(connection.db, [wrong]).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error.message).not.toContain('secret.jpg');
  });
});
