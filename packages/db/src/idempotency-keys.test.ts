import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect, it } from 'vitest';
import { openTestDatabase } from '../test/database.ts';
import { forgetKeys, giveKeyBack, reserveKey, settleKey } from './idempotency-keys.ts';

const { db } = await openTestDatabase();

const request = (over: object = {}) => ({
  ownerId: 'alice',
  key: randomUUID(),
  fingerprint: 'a',
  imageIds: [randomUUID(), randomUUID()],
  lockSeconds: 60,
  ...over,
});

const age = (key: string) =>
  db.execute(sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = ${key}`);

it('a key is one request’s until it is settled, and then stands for its images', async () => {
  const first = request();
  const again = { ...first, imageIds: [randomUUID()] };
  const answers = await Promise.all([first, again, again].map((one) => reserveKey(db, one)));
  expect(answers.map(({ outcome }) => outcome).sort()).toEqual(['in flight', 'in flight', 'reserved']);
  await settleKey(db, first);
  expect(await reserveKey(db, again)).toMatchObject({ outcome: 'served' });
});

it('another request under the same key is told so, whether the first is done or not', async () => {
  const first = request();
  const other = { ...first, fingerprint: 'b' };
  await reserveKey(db, first);
  expect(await reserveKey(db, other)).toEqual({ outcome: 'other request' });
  await settleKey(db, first);
  expect(await reserveKey(db, other)).toEqual({ outcome: 'other request' });
  expect(await reserveKey(db, { ...other, ownerId: 'bob' })).toMatchObject({ outcome: 'reserved' });
});

it('a key whose request died is taken over with the ids that it had', async () => {
  const first = request({ lockSeconds: -1 });
  await reserveKey(db, first);
  const again = { ...first, imageIds: [randomUUID()], lockSeconds: 60 };
  expect(await reserveKey(db, again)).toEqual({ outcome: 'reserved', imageIds: first.imageIds });
  expect(await reserveKey(db, again)).toEqual({ outcome: 'in flight' });
});

it('a key that was given back is free, one that was settled is not', async () => {
  const first = request();
  await reserveKey(db, first);
  await giveKeyBack(db, first);
  const again = { ...first, imageIds: [randomUUID()] };
  expect(await reserveKey(db, again)).toEqual({ outcome: 'reserved', imageIds: again.imageIds });
  await settleKey(db, again);
  await giveKeyBack(db, again);
  expect(await reserveKey(db, again)).toEqual({ outcome: 'served', imageIds: again.imageIds });
});

it('after a day a key is forgotten, by whoever uses it next and by the sweeper', async () => {
  const [used, swept] = [request(), request()];
  for (const one of [used, swept]) {
    await reserveKey(db, one);
    await settleKey(db, one);
    await age(one.key);
  }
  const again = { ...used, fingerprint: 'b', imageIds: [randomUUID()] };
  expect(await reserveKey(db, again)).toEqual({ outcome: 'reserved', imageIds: again.imageIds });
  expect(await forgetKeys(db, { limit: 10 })).toBe(1);
  expect(await forgetKeys(db, { limit: 10 })).toBe(0);
});
