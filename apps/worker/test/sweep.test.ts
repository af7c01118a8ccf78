import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { claimImage, getImage, markDeleting, settleFailed, settleReady } from '@s3-image-app/db';
import { quarantineKey, renditionKey } from '@s3-image-app/infra';
import { createLogger } from '@s3-image-app/runtime';
import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { startTestWorker, type TestWorker } from './start-test-worker.ts';

const past = new Date(Date.now() - 60_000);

/** Its queue is another than the one that the bucket reports to: every event is lost, and the sweeper is all there is. */
let it: TestWorker;
beforeAll(async () => {
  it = await startTestWorker({ ages: { form: 1, work: 1, delete: 0 }, deaf: true });
});
afterAll(() => it.close());

const put = (Key: string) =>
  it.storage.s3.send(new PutObjectCommand({ Bucket: it.storage.bucket, Key, Body: 'x' }));
const originalGone = (image: { id: string }) =>
  expect.poll(() => it.keys('quarantine/'), { timeout: 10_000 }).not.toContain(quarantineKey(image.id));

test('an original whose event was lost is processed', async () => {
  const image = await it.request();
  await it.upload(image, photo('portrait.jpg'));
  await it.settled(image, 'ready');
  await originalGone(image);
});

test('one whose form is over as well', async () => {
  const image = await it.request({ formExpiresAt: past });
  await it.upload(image, photo('portrait.jpg'));
  await it.settled(image, 'ready');
});

test('an image whose form is over and that has no original expires', async () => {
  const image = await it.request({ formExpiresAt: past });
  await it.settled(image, 'expired');
});

test('an image whose worker died is processed', async () => {
  const image = await it.request();
  await claimImage(it.db.db, image.id, 0);
  await it.upload(image, photo('portrait.jpg'));
  expect(await it.settled(image, 'ready')).toMatchObject({ attempts: 2 });
});

test('an image that was claimed and has no original is pending again', async () => {
  const image = await it.request();
  await claimImage(it.db.db, image.id, 0);
  await it.settled(image, 'pending');
});

test('an image that ended its worker each time has failed', async () => {
  const image = await it.request();
  for (let attempt = 0; attempt < 5; attempt++) await claimImage(it.db.db, image.id, -1);
  await it.upload(image, photo('portrait.jpg'));
  await it.settled(image, 'failed');
});

test.for(['private', 'public'] as const)(
  'a delete of a %s image that stopped half-way is finished: objects and row are gone',
  async (visibility) => {
    const image = await it.request({ visibility });
    const keys = [quarantineKey(image.id), renditionKey(image), renditionKey(image, 320)];
    for (const key of keys) await put(key);
    await claimImage(it.db.db, image.id, 0, { renditionWidths: [320] });
    await markDeleting(it.db.db, image.id);
    await expect.poll(() => getImage(it.db.db, image.id), { timeout: 10_000 }).toBeUndefined();
    expect(
      [...(await it.keys('quarantine/')), ...(await it.keys(`${visibility}/`))].filter((key) =>
        keys.includes(key),
      ),
    ).toEqual([]);
  },
);

test('a delete waits for the worker that may still be putting objects', async () => {
  const image = await it.request();
  await claimImage(it.db.db, image.id, 3);
  await markDeleting(it.db.db, image.id);
  const sweepsLater = await it.request({ formExpiresAt: past });
  await it.settled(sweepsLater, 'expired');
  expect(await getImage(it.db.db, image.id)).toMatchObject({ status: 'deleting' });
  await expect.poll(() => getImage(it.db.db, image.id), { timeout: 10_000 }).toBeUndefined();
});

test('leftover originals of settled images and of nobody are removed; that of a failed one stays', async () => {
  const [ready, failed, nobody] = [await it.request(), await it.request(), { id: randomUUID() }];
  const claim = async ({ id }: { id: string }) => {
    const claimed = await claimImage(it.db.db, id, 60);
    if (!claimed) throw new Error('Not claimed');
    return claimed;
  };
  await settleReady(it.db.db, await claim(ready), {
    s3Key: renditionKey(ready),
    width: 1,
    height: 1,
    sizeBytes: 1,
    variants: [],
    thumbhash: null,
    placeholder: null,
  });
  await settleFailed(it.db.db, await claim(failed));
  for (const image of [failed, ready, nobody]) await it.upload(image, photo('portrait.jpg'));
  await originalGone(ready);
  await originalGone(nobody);
  expect(await it.keys('quarantine/')).toContain(quarantineKey(failed.id));
  expect(await getImage(it.db.db, failed.id)).toMatchObject({ status: 'failed' });
});

test('each sweep tells how many images are pending a quarter of an hour after their form, before it settles them', async () => {
  const log = createLogger({ level: 'silent', name: 'worker' });
  const info = vi.spyOn(log, 'info');
  const other = await startTestWorker({ deaf: true, ages: { form: 1 }, log });
  onTestFinished(() => other.close());
  const hoursAgo = new Date(Date.now() - 3_600_000);
  const stuck = await other.request({ formExpiresAt: hoursAgo });
  await other.request({ formExpiresAt: past });
  await other.settled(stuck, 'expired');
  await expect
    .poll(() => info.mock.calls.map(([entry]) => entry), { timeout: 10_000 })
    .toEqual(expect.arrayContaining([{ stuckPending: 1 }, { stuckPending: 0 }]));
});
