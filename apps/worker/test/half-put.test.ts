/** What a worker of other settings had put before it died. */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { claimImage, getImage, type Image, markDeleting } from '@s3-image-app/db';
import { renditionKey } from '@s3-image-app/infra';
import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestWorker, type TestWorker } from './start-test-worker.ts';

let it: TestWorker;
beforeAll(async () => {
  it = await startTestWorker({ env: { VARIANT_WIDTHS: '320' }, ages: { form: 1, work: 1, delete: 0 } });
});
afterAll(() => it.close());

const stored = (image: Image) => it.keys(`private/uploads/${image.id}`);

async function halfPut(): Promise<Image> {
  const image = await it.request();
  await claimImage(it.db.db, image.id, 0, { renditionWidths: [200, 320, 640] });
  for (const Key of [renditionKey(image), renditionKey(image, 200), renditionKey(image, 640)]) {
    await it.storage.s3.send(new PutObjectCommand({ Bucket: it.storage.bucket, Key, Body: 'x' }));
  }
  return image;
}

test('is gone when the image is rejected', async () => {
  const image = await halfPut();
  await it.upload(image, photo('text.jpg'));
  await it.settled(image, 'rejected');
  await expect.poll(() => stored(image)).toEqual([]);
});

test('is replaced, or gone, when the image becomes ready', async () => {
  const image = await halfPut();
  await it.upload(image, photo('landscape-orientation-6.jpg'));
  await it.settled(image, 'ready');
  await expect.poll(() => stored(image)).toEqual([renditionKey(image, 320), renditionKey(image)]);
});

test('is gone when the image is deleted', async () => {
  const image = await halfPut();
  await markDeleting(it.db.db, image.id);
  await expect.poll(() => getImage(it.db.db, image.id), { timeout: 10_000 }).toBeUndefined();
  expect(await stored(image)).toEqual([]);
});
