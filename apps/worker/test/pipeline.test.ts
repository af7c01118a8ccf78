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
