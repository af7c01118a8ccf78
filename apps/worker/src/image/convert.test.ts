import { photo } from '@s3-image-app/testkit';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { adobeRgbProfile } from '../../test/adobe-rgb.ts';
import { assignProfile } from './assign-profile.ts';
import { convert } from './convert.ts';
import { inspect } from './inspect.ts';

const limits = { maxPixels: 50_000_000, maxSide: 30_000, maxFrames: 100, maxTotalPixels: 50_000_000 };
const output = { maxSide: 400, variantWidths: [40, 100, 1000], quality: 90, effort: 2 };

async function render(bytes: Buffer, over: Partial<typeof output> = {}) {
  const type = (await sharp(bytes).metadata()).mediaType ?? '';
  return convert(bytes, await inspect(bytes, type, limits), { ...output, ...over });
}

/** Mean colour of a part of an image, to the nearest whole number. */
async function colour(image: Buffer, part?: { left: number; top: number; width: number; height: number }) {
  const pixels = part ? await sharp(image).extract(part).png().toBuffer() : image;
  const { channels } = await sharp(pixels).stats();
  return channels.map(({ mean }) => Math.round(mean));
}

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

describe('orientation', () => {
  // Red above, blue below, as seen; and a green spot at the left of the red.
  const upright = sharp({ create: { width: 90, height: 60, channels: 3, background: 'blue' } })
    .composite([
      { input: { create: { width: 90, height: 30, channels: 3, background: 'red' } }, left: 0, top: 0 },
      { input: { create: { width: 20, height: 20, channels: 3, background: 'lime' } }, left: 5, top: 5 },
    ])
    .png()
    .toBuffer();

  type Turn = (image: Sharp) => Sharp;
  const quarter: Turn = (image) => image.rotate(90);
  const mirror: Turn = (image) => image.flop();
  /** What a camera that is held so stores: the turns, one after the other, that lead from upright to it. */
  const stored: [number, Turn[]][] = [
    [1, []],
    [2, [mirror]],
    [3, [quarter, quarter]],
    [4, [quarter, quarter, mirror]],
    [5, [quarter, mirror]],
    [6, [quarter, quarter, quarter]],
    [7, [quarter, quarter, quarter, mirror]],
    [8, [quarter]],
  ];

  const turned = async (image: Buffer, turns: Turn[]) => {
    let all = image;
    for (const turn of turns) all = await turn(sharp(all)).png().toBuffer();
    return all;
  };

  test.each(stored)('%s is applied, once, and not said again', async (orientation, turns) => {
    const jpeg = await sharp(await turned(await upright, turns))
      .withMetadata({ orientation })
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer();
    const { main } = await render(jpeg);
    expect(main).toMatchObject({ width: 90, height: 60 });
    const spot = await colour(main.bytes, { left: 10, top: 10, width: 8, height: 8 });
    const above = await colour(main.bytes, { left: 60, top: 5, width: 20, height: 20 });
    const below = await colour(main.bytes, { left: 10, top: 40, width: 70, height: 15 });
    expect([spot, above, below].map(([r = 0, g = 0, b = 0]) => [r > 128, g > 128, b > 128])).toEqual([
      [false, true, false],
      [true, false, false],
      [false, false, true],
    ]);
    expect((await sharp(main.bytes).metadata()).orientation).toBeUndefined();
  });

  test.each(stored)('%s is applied to each frame of an animation', async (orientation, turns) => {
    const frames = [
      await upright,
      await sharp(await upright)
        .negate()
        .png()
        .toBuffer(),
    ];
    const columns = await Promise.all(
      frames.map(async (frame) =>
        sharp(await turned(frame, turns))
          .removeAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true }),
      ),
    );
    const [{ width, height } = { width: 0, height: 0 }] = columns.map(({ info }) => info);
    const webp = await sharp(Buffer.concat(columns.map(({ data }) => data)), {
      raw: { width, height: 2 * height, channels: 3, pageHeight: height },
      animated: true,
    })
      .withMetadata({ orientation })
      .webp({ lossless: true, delay: [300, 100] })
      .toBuffer();
    const { main } = await render(webp, { quality: 100 });
    expect(main).toMatchObject({ width: 90, height: 60 });
    expect(await sharp(main.bytes, { animated: true }).metadata()).toMatchObject({ delay: [300, 100] });
    for (const [page, frame] of frames.entries()) {
      const shown = await sharp(main.bytes, { page }).removeAlpha().raw().toBuffer();
      const away = (await sharp(frame).removeAlpha().raw().toBuffer()).map((value, at) =>
        Math.abs(value - (shown[at] ?? 0)),
      );
      expect(away.reduce((sum, each) => sum + each, 0) / away.length).toBeLessThan(10);
    }
  });
});

describe('colours', () => {
  const flat = (background: string) => sharp({ create: { width: 50, height: 50, channels: 3, background } });

  test('of Display P3 are converted to sRGB', async () => {
    // Out of P3's red, sRGB makes its own: outside of its gamut, so the brightest red there is.
    const red = await flat('#ff0000').withIccProfile('p3').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(red).metadata()).hasProfile).toBe(true);
    // The pixels of the P3 file are not those of sRGB.
    expect((await colour(await sharp(red, { ignoreIcc: true }).png().toBuffer()))[0]).toBeLessThan(245);
    const { main } = await render(red, { quality: 100 });
    const [r = 0, g = 0, b = 0] = await colour(main.bytes);
    expect(r).toBeGreaterThan(250);
    expect(g + b).toBeLessThan(12);
    expect((await sharp(main.bytes).metadata()).hasProfile).toBe(false);
  });

  // What the two standards' own formulas make of these: curve, matrix to D50, matrix from D50, curve.
  test.each([
    ['#db0000', [255, 0, 0]],
    ['#a07850', [174, 121, 77]],
    ['#808080', [129, 129, 129]],
    ['#616694', [95, 102, 151]],
  ])('of Adobe RGB are converted to sRGB: %s is %j', async (adobe, srgb) => {
    const png = assignProfile(await flat(adobe).png().toBuffer(), adobeRgbProfile());
    expect((await sharp(png).metadata()).hasProfile).toBe(true);
    const { main } = await render(png, { quality: 100 });
    const away = (await colour(main.bytes)).map((value, index) => Math.abs(value - (srgb[index] ?? 0)));
    expect(Math.max(...away)).toBeLessThan(4);
    expect((await sharp(main.bytes).metadata()).hasProfile).toBe(false);
  });

  // Left: of these sharp makes CMYK and puts its own profile beside it. Right: what littlecms 2.16 makes of those very
  // CMYK values (as Pillow reads them) by the same profile, by `transicc -i profile.icc -o '*sRGB' -t 0`. The difference
  // is up to 6: littlecms 2.16 works it out in floating point, libvips through a table of 8 bits, and WebP rounds too.
  test.each([
    // 72.5 0 89.8 13.3 percent of cyan, magenta, yellow and black
    ['#20a040', [30, 144, 62]],
    // 89.4 69.8 0 26.7
    ['#1030c0', [28, 60, 121]],
    // 5.9 2.7 3.5 61.6
    ['#808080', [110, 110, 112]],
    // 1.6 6.7 77.6 10.2
    ['#e8d050', [230, 201, 65]],
    // 58.4 0 24.7 6.3
    ['#00c0c0', [72, 172, 178]],
    ['#ffffff', [255, 255, 255]],
  ])('of CMYK are converted to sRGB: what was %s is %j', async (before, srgb) => {
    const cmyk = await flat(before)
      .toColourspace('cmyk')
      .withIccProfile('cmyk')
      .jpeg({ quality: 100 })
      .toBuffer();
    expect(await sharp(cmyk).metadata()).toMatchObject({ space: 'cmyk', hasProfile: true });
    const { main } = await render(cmyk, { quality: 100 });
    const away = (await colour(main.bytes)).map((value, index) => Math.abs(value - (srgb[index] ?? 0)));
    expect(Math.max(...away)).toBeLessThanOrEqual(6);
    expect(await sharp(main.bytes).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
  });

  test('of 16 bits a channel come out in 8', async () => {
    const deep = await flat('#336699').toColourspace('rgb16').png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    const [r = 0, g = 0, b = 0] = await colour((await render(deep, { quality: 100 })).main.bytes);
    expect(Math.max(Math.abs(r - 0x33), Math.abs(g - 0x66), Math.abs(b - 0x99))).toBeLessThan(4);
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
