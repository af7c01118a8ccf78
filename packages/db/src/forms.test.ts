import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { describe, expect, it, vi } from 'vitest';
import { claimedImage, openTestDatabase, pendingImage } from '../test/database.ts';
import type { NewImage } from './create-images.ts';
import { expireImage, renewForm } from './forms.ts';

const { db } = await openTestDatabase();

describe('expiring', () => {
  it('spares a form that is still good, or within its grace', async () => {
    const good = await pendingImage(db);
    const recent = await pendingImage(db, { formExpiresAt: new Date(Date.now() - 10_000) });
    expect(await expireImage(db, good.id, 0)).toBeUndefined();
    expect(await expireImage(db, recent.id, 60)).toBeUndefined();
    expect(await expireImage(db, recent.id, 0)).toMatchObject({ status: 'expired' });
  });

  it('spares an image that a worker holds', async () => {
    const claim = await claimedImage(db, { formExpiresAt: new Date(Date.now() - 60_000) });
    expect(await expireImage(db, claim.id, 0)).toBeUndefined();
  });
});

describe('a fresh form', () => {
  const formExpiresAt = new Date('2030-01-02T03:04:05.000Z');
  const expired = async (over: Partial<NewImage> = {}) => {
    const { id } = await pendingImage(db, { ...over, formExpiresAt: new Date(Date.now() - 60_000) });
    await expireImage(db, id, 0);
    return id;
  };

  it('makes a pending image wait longer, and an expired one pending', async () => {
    for (const id of [(await pendingImage(db)).id, await expired()]) {
      const row = await renewForm(db, id, { formExpiresAt, maxPending: 1000 });
      expect(row).toMatchObject({ id, status: 'pending', formExpiresAt });
    }
  });

  it('is not for an image whose file has come, nor for none', async () => {
    const { id } = await claimedImage(db);
    expect(await renewForm(db, id, { formExpiresAt, maxPending: 1000 })).toBeUndefined();
    expect(await renewForm(db, randomUUID(), { formExpiresAt, maxPending: 1000 })).toBeUndefined();
  });

  it('takes a place among the unused forms that an owner may hold, unless it has one', async () => {
    const ownerId = randomUUID();
    const held = await pendingImage(db, { ownerId });
    const id = await expired({ ownerId });
    expect(await renewForm(db, id, { formExpiresAt, maxPending: 1 })).toBeUndefined();
    expect(await renewForm(db, held.id, { formExpiresAt, maxPending: 1 })).toMatchObject({ id: held.id });
    expect(await renewForm(db, id, { formExpiresAt, maxPending: 2 })).toMatchObject({ id });
  });

  it('takes a place that nobody else gets at the same moment', async () => {
    const ownerId = randomUUID();
    const ids = await Promise.all(Array.from({ length: 20 }, () => expired({ ownerId })));
    const renewed = await Promise.all(ids.map((id) => renewForm(db, id, { formExpiresAt, maxPending: 3 })));
    expect(renewed.filter((row) => row !== undefined)).toHaveLength(3);
  });

  it('takes its bytes from what an owner may hold, and of many at the same moment one gets the last', async () => {
    const ownerId = randomUUID();
    const ids = await Promise.all(Array.from({ length: 20 }, () => expired({ ownerId, declaredSize: 600 })));
    const renewed = await Promise.all(
      ids.map((id) => renewForm(db, id, { formExpiresAt, maxHeldBytes: 1000 })),
    );
    expect(renewed.filter((row) => row !== undefined)).toHaveLength(1);
  });

  it('waits for the owner’s turn before it holds the row, so that no two who want both wait for each other', async () => {
    const ownerId = randomUUID();
    const { id } = await pendingImage(db, { ownerId });
    const waiting = (count: number) =>
      vi.waitFor(async () => {
        const waits = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        expect(await db.execute(waits)).toHaveLength(count);
      });
    let renewal: ReturnType<typeof renewForm> | undefined;
    await db.transaction(async (other) => {
      await db.transaction(async (sweeper) => {
        await sweeper.execute(sql`update images set status = 'expired' where id = ${id}`);
        await other.execute(sql`select pending_of(${ownerId})`);
        renewal = renewForm(db, id, { formExpiresAt, maxPending: 1 });
        await waiting(1);
      });
      await waiting(1);
      await other.execute(sql`update images set updated_at = now() where id = ${id}`);
    });
    expect(await renewal).toMatchObject({ id, status: 'pending' });
  });
});
