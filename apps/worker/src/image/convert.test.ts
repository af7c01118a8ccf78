import { photo } from '@s3-image-app/testkit';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { render } from '../../test/render.ts';

describe('sizes', () => {
  test('the main rendition fits the square, the variants are those narrower than it', async () => {
    const { main, variants } = await render(photo('landscape-orientation-6.jpg'));
    expect([main, ...variants].map(({ width, height }) => [width, height])).toEqual([
      [400, 267],
      [40, 27],
      [100, 67],
    ]);
    for (const { bytes, width, height } of [main, ...variants]) {
      expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width, height });
    }
  });

  test('a small image is not enlarged', async () => {
    const { main, variants } = await render(photo('portrait.jpg'), { variantWidths: [128, 320] });
    expect(main).toMatchObject({ width: 128, height: 128 });
    expect(variants).toEqual([]);
  });

  test('a strip of a single row keeps its row', async () => {
    const strip = await sharp({ create: { width: 20_000, height: 1, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect((await render(strip)).main).toMatchObject({ width: 400, height: 1 });
  });
});

test('transparency is kept', async () => {
  const { main } = await render(photo('transparent.png'));
  const before = await sharp(photo('transparent.png')).extractChannel('alpha').stats();
  const after = await sharp(main.bytes).extractChannel('alpha').stats();
  expect(after.channels[0]?.mean).toBeCloseTo(before.channels[0]?.mean ?? 0, 0);
});

test.each(['animated.webp', 'animated.gif'] as const)('%s moves on, in every size', async (name) => {
  const before = await sharp(photo(name), { animated: true }).metadata();
  const { main, variants } = await render(photo(name), { variantWidths: [32] });
  const total = (delay: number[] = []) => delay.reduce((sum, each) => sum + each, 0);
  expect(variants).toHaveLength(1);
  for (const { bytes, width, height } of [main, ...variants]) {
    const after = await sharp(bytes, { animated: true }).metadata();
    expect(after).toMatchObject({ format: 'webp', width, pageHeight: height, loop: before.loop });
    expect(after.pages).toBeGreaterThan(1);
    expect(total(after.delay)).toBe(total(before.delay));
  }
});

test('a frame that is to stay for minutes stays for one', async () => {
  const slow = Buffer.from(photo('animated.gif'));
  // The first graphic control extension (GIF89a, section 23): hundredths of a second in its third byte and on.
  slow.writeUInt16LE(60_000, slow.indexOf(Buffer.from([0x21, 0xf9, 0x04])) + 4);
  const { main } = await render(slow);
  expect((await sharp(main.bytes, { animated: true }).metadata()).delay?.[0]).toBe(65_535);
});

test('no metadata is left: no place, camera, profile or comment', async () => {
  expect((await sharp(photo('gps.jpg')).metadata()).exif).toBeDefined();
  const { main, variants } = await render(photo('gps.jpg'));
  for (const { bytes } of [main, ...variants]) {
    const { exif, xmp, iptc, icc, comments } = await sharp(bytes).metadata();
    expect({ exif, xmp, iptc, icc, comments }).toEqual({});
  }
});

test('the same bytes make the same renditions', async () => {
  const [one, other] = [await render(photo('gps.jpg')), await render(photo('gps.jpg'))];
  expect(other).toEqual(one);
});

test('a preview is small, and there even for a strip', async () => {
  const strip = await sharp({ create: { width: 1, height: 3000, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  for (const bytes of [photo('portrait.jpg'), strip, photo('animated.gif')]) {
    const { thumbhash, placeholder } = await render(bytes);
    expect(Buffer.from(thumbhash, 'base64').length).toBeLessThan(40);
    expect(placeholder).toMatch(/^data:image\/webp;base64,[\w+/]+=*$/);
    expect(placeholder.length).toBeLessThan(1_000);
  }
});

test('a file cut short is corrupt, not half an image', async () => {
  const cut = photo('landscape-orientation-6.jpg').subarray(0, 100_000);
  await expect(render(cut)).rejects.toThrow(expect.objectContaining({ code: 'corrupt' }));
});
