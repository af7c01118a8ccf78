import { randomUUID } from 'node:crypto';
import {
  claimImage,
  connectDb,
  createImages,
  type DbConnection,
  getImage,
  markDeleting,
} from '@s3-image-app/db';
import { createLogger } from '@s3-image-app/runtime';
import { createTestDatabase } from '@s3-image-app/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdClaim } from '../src/hold-claim.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let connection: DbConnection;
beforeAll(async () => {
  database = await createTestDatabase();
  connection = connectDb(database.url);
});
afterAll(async () => {
  await connection.close();
  await database.drop();
});

const never = new AbortController().signal;
/** Seconds; renewed three times as often. */
const LEASE = 0.6;

async function hold(signal = never) {
  const { db } = connection;
  const [image] = await createImages(db, [
    {
      id: randomUUID(),
      ownerId: 'alice',
      contentType: 'image/jpeg',
      maxBytes: 1,
      formExpiresAt: new Date(),
      folder: 'uploads',
      visibility: 'private',
    },
  ]);
  const claim = image && (await claimImage(db, image.id, LEASE));
  if (!claim) throw new Error('Not claimed');
  const log = createLogger({ level: 'silent', name: 'test' });
  return { claim, ...holdClaim({ db, leaseSeconds: LEASE, log }, claim, signal) };
}

test('a claim that is held outlives its lease, and one that is not does not', async () => {
  const { claim, signal, lost, end } = await hold();
  const until = async () => (await getImage(connection.db, claim.id))?.claimExpiresAt?.getTime() ?? 0;
  const first = await until();
  await expect.poll(until).toBeGreaterThan(first + LEASE * 1000);
  expect([signal.aborted, lost()]).toEqual([false, false]);
  await end();
  await expect.poll(() => claimImage(connection.db, claim.id, 60)).toBeDefined();
});

test('a claim that is lost ends the work', async () => {
  const { claim, signal, lost, end } = await hold();
  await markDeleting(connection.db, claim.id);
  await expect.poll(() => signal.aborted).toBe(true);
  expect(lost()).toBe(true);
  await end();
});

test('a worker that stops ends the work without having lost the claim', async () => {
  const stop = new AbortController();
  const { signal, lost, end } = await hold(stop.signal);
  stop.abort();
  expect([signal.aborted, lost()]).toEqual([true, false]);
  await end();
});
