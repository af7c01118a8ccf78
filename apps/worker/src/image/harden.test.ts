import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Photo, photo } from '@s3-image-app/testkit';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import { hardenSharp } from './harden.ts';

const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>');
let tiff: Buffer;
beforeAll(async () => {
  tiff = await sharp(photo('portrait.jpg')).tiff().toBuffer();
  expect(await sharp(svg).metadata()).toMatchObject({ format: 'svg' });
  hardenSharp();
});

test.each<Photo>(['portrait.jpg', 'transparent.png', 'animated.webp', 'animated.gif', 'still.avif'])(
  '%s is decoded',
  async (name) => {
    expect((await sharp(photo(name)).raw().toBuffer()).length).toBeGreaterThan(0);
  },
);

test('libvips itself opens no SVG, no TIFF, and no file by its path', async () => {
  const path = fileURLToPath(new URL('../../../../packages/testkit/fixtures/portrait.jpg', import.meta.url));
  expect(existsSync(path)).toBe(true);
  for (const input of [svg, tiff, path]) await expect(sharp(input).metadata()).rejects.toThrow();
});
