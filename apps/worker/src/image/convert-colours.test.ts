import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { adobeRgbProfile } from '../../test/adobe-rgb.ts';
import { colour, render } from '../../test/render.ts';
import { assignProfile } from './assign-profile.ts';

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
