import { createHash, randomUUID } from 'node:crypto';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { getImage, markDeleting, type NewImage } from '@s3-image-app/db';
import { quarantineKey } from '@s3-image-app/infra';
import { photo } from '@s3-image-app/testkit';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestWorker, type TestWorker } from './start-test-worker.ts';

let it: TestWorker;
beforeAll(async () => {
  it = await startTestWorker();
});
afterAll(() => it.close());

test('a photo becomes ready: upright, in sizes, without metadata, and its original is gone', async () => {
  const image = await it.request({ visibility: 'public', folder: 'trips' });
  await it.upload(image, photo('landscape-orientation-6.jpg'));
  const row = await it.settled(image, 'ready');

  expect(row).toMatchObject({
    s3Key: `public/trips/${image.id}.webp`,
    width: 1800,
    height: 1200,
    thumbhash: expect.stringMatching(/^[\w+/=]+$/),
    placeholder: expect.stringMatching(/^data:image\/webp;base64,/),
  });
  expect(row.variants.map(({ width, height }) => [width, height])).toEqual([
    [320, 213],
    [640, 427],
    [1280, 853],
  ]);
  for (const file of [{ ...row, s3Key: row.s3Key ?? '' }, ...row.variants]) {
    const bytes = await it.read(file.s3Key);
    expect(bytes.length).toBe(file.sizeBytes);
    const { format, width, height, exif, orientation } = await sharp(bytes).metadata();
    expect({ format, width, height, exif, orientation }).toEqual({
      format: 'webp',
      width: file.width,
      height: file.height,
      exif: undefined,
      orientation: undefined,
    });
  }
  await expect.poll(() => it.keys('quarantine/')).toEqual([]);
});

test.each<[string, Buffer, Partial<NewImage>, string]>([
  ['text named as a JPEG', photo('text.jpg'), {}, 'not_an_image'],
  ['another type than declared', photo('transparent.png'), {}, 'type_mismatch'],
  [
    'other bytes than declared',
    photo('portrait.jpg'),
    { sha256: Buffer.alloc(32).toString('base64') },
    'checksum_mismatch',
  ],
  ['another length than declared', photo('portrait.jpg'), { declaredSize: 5 }, 'size_mismatch'],
  ['more bytes than allowed', photo('portrait.jpg'), { maxBytes: 6_000 }, 'too_large'],
  ['no bytes', Buffer.alloc(0), {}, 'empty'],
  ['half a file', photo('portrait.jpg').subarray(0, 3_000), {}, 'corrupt'],
])('%s ends rejected, and nothing of it is left', async (_, bytes, over, code) => {
  const image = await it.request(over);
  await it.upload(image, bytes);
  expect(await it.settled(image, 'rejected')).toMatchObject({
    rejectionCode: code,
    rejectionDetail: expect.stringMatching(/^Its? .*\.$/),
    s3Key: null,
  });
  await expect.poll(() => it.keys('quarantine/')).not.toContain(quarantineKey(image.id));
  expect(await it.keys(`private/uploads/${image.id}`)).toEqual([]);
});

test('the declared checksum and length of a photo hold', async () => {
  const bytes = photo('portrait.jpg');
  const sha256 = createHash('sha256').update(bytes).digest('base64');
  const image = await it.request({ sha256, declaredSize: bytes.length });
  await it.upload(image, bytes);
  await it.settled(image, 'ready');
});

test('the row tells which metadata the original held, and was removed', async () => {
  const image = await it.request();
  await it.upload(image, photo('gps.jpg'));
  expect(await it.settled(image, 'ready')).toMatchObject({
    removedMetadata: expect.arrayContaining(['gps']),
  });
});

test('renditions are stored as what they are: WebP to show, cached where they are public, whole', async () => {
  const head = async (visibility: 'public' | 'private') => {
    const image = await it.request({ visibility });
    await it.upload(image, photo('portrait.jpg'));
    const { s3Key } = await it.settled(image, 'ready');
    return it.storage.s3.send(
      new HeadObjectCommand({ Bucket: it.storage.bucket, Key: s3Key ?? '', ChecksumMode: 'ENABLED' }),
    );
  };
  const stored = { ContentType: 'image/webp', ContentDisposition: 'inline' };
  expect(await head('public')).toMatchObject({
    ...stored,
    CacheControl: 'public, max-age=31536000, immutable',
    ChecksumSHA256: expect.any(String),
  });
  expect(await head('private')).toMatchObject({ ...stored, CacheControl: 'private, no-store' });
});

test('a second original for a ready image is never promoted', async () => {
  const image = await it.request();
  await it.upload(image, photo('portrait.jpg'));
  const first = await it.settled(image, 'ready');
  await it.upload(image, photo('gps.jpg'));
  await expect.poll(() => it.keys('quarantine/')).not.toContain(quarantineKey(image.id));
  expect(await getImage(it.db.db, image.id)).toEqual(first);
});

test('an original that belongs to no image is removed', async () => {
  const nobody = { id: randomUUID() };
  await it.upload(nobody, photo('portrait.jpg'));
  await expect.poll(() => it.keys('quarantine/')).not.toContain(quarantineKey(nobody.id));
});

test('an image that is deleted while it is processed leaves nothing behind', async () => {
  const image = await it.request();
  // Large enough that the delete comes first.
  const large = await sharp(photo('landscape-orientation-6.jpg'))
    .resize(6_000)
    .jpeg({ quality: 100 })
    .toBuffer();
  await it.upload(image, large);
  await it.settled(image, 'processing');
  await markDeleting(it.db.db, image.id);
  await expect.poll(() => getImage(it.db.db, image.id), { timeout: 15_000 }).toBeUndefined();
  expect(await it.keys('quarantine/')).not.toContain(quarantineKey(image.id));
  expect(await it.keys(`private/uploads/${image.id}`)).toEqual([]);
});

test('images beside each other all become ready', async () => {
  const images = await Promise.all(Array.from({ length: 20 }, () => it.request()));
  await Promise.all(images.map((image) => it.upload(image, photo('gps.jpg'))));
  await Promise.all(images.map((image) => it.settled(image, 'ready')));
});
