import { corpus } from '@s3-image-app/testkit';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { heicWith } from '../../test/heic-with.ts';
import { assignProfile } from './assign-profile.ts';
import { convert } from './convert.ts';
import { inspect } from './inspect.ts';

const limits = { maxPixels: 50_000_000, maxSide: 30_000, maxFrames: 100, maxTotalPixels: 50_000_000 };
const output = { maxSide: 400, variantWidths: [100], quality: 90, effort: 2 };
const heic = (name: string): Buffer => {
  const file = corpus().find(({ path }) => path === `valid/heic/${name}`);
  if (!file) throw new Error(`${name} is not in the corpus`);
  return file.read();
};
const render = async (bytes: Buffer) => convert(bytes, await inspect(bytes, 'image/heic', limits), output);

test.each([
  ['ft-fixture-mif1.heic', 400, 267],
  // Its rows are padded.
  ['mitra-heic.heic', 136, 56],
  ['pillow-hopper.heif', 128, 128],
])('%s is decoded in its sizes', async (name, width, height) => {
  const { main, variants } = await render(heic(name));
  expect(main).toMatchObject({ width, height });
  expect(variants).toHaveLength(1);
  // Not a flat picture: the rows lie where they belong.
  const { channels } = await sharp(main.bytes).stats();
  expect(Math.max(...channels.map(({ stdev }) => stdev))).toBeGreaterThan(20);
});

test('one that is cut short is corrupt', async () => {
  const bytes = heic('ft-fixture-mif1.heic');
  await expect(render(bytes.subarray(0, bytes.length / 2))).rejects.toThrow(
    expect.objectContaining({ code: 'corrupt' }),
  );
});

const pixels = (image: Buffer, turn = 0) => sharp(image).rotate(turn).removeAlpha().raw().toBuffer();
/** Mean difference of a channel, of 255. */
const difference = (one: Buffer, other: Buffer) =>
  one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length;

/** EXIF as phones write it beside HEIF's own turn: orientation 6. */
const exifOf6 = async (): Promise<Buffer> => {
  const jpeg = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).jpeg();
  const { exif } = await sharp(await jpeg.withMetadata({ orientation: 6 }).toBuffer()).metadata();
  if (!exif) throw new Error('sharp has written no EXIF');
  return exif.subarray(6);
};

test.each([1, 2, 3])('%s quarter turns by HEIF are made once, whatever EXIF says', async (irot) => {
  const upright = (await render(heic('pillow-hopper.heif'))).main;
  const turned = heicWith(heic('pillow-hopper.heif'), { irot });
  const turnedTwice = heicWith(heic('pillow-hopper.heif'), { irot, exif: await exifOf6() });
  expect((await sharp(turnedTwice).metadata()).exif).toBeDefined();
  for (const bytes of [turned, turnedTwice]) {
    const { main } = await render(bytes);
    // HEIF turns against the clock, sharp with it.
    expect(difference(await pixels(main.bytes), await pixels(upright.bytes, 360 - 90 * irot))).toBeLessThan(
      4,
    );
    expect(difference(await pixels(main.bytes), await pixels(upright.bytes))).toBeGreaterThan(15);
  }
});

test('EXIF alone turns nothing: HEIF says how it is turned', async () => {
  const upright = (await render(heic('pillow-hopper.heif'))).main;
  const { main } = await render(heicWith(heic('pillow-hopper.heif'), { exif: await exifOf6() }));
  expect(difference(await pixels(main.bytes), await pixels(upright.bytes))).toBe(0);
});

test('the colours of an embedded Display P3 profile are converted to sRGB', async () => {
  const plain = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } }).png();
  const { icc } = await sharp(await plain.withIccProfile('p3').toBuffer()).metadata();
  if (!icc) throw new Error('sharp has written no profile');
  const inSrgb = (await render(heic('pillow-hopper.heif'))).main.bytes;
  const inP3 = (await render(heicWith(heic('pillow-hopper.heif'), { icc }))).main.bytes;
  const png = await sharp(inSrgb).png({ compressionLevel: 0 }).toBuffer();
  const expected = await sharp(assignProfile(png, icc)).toColourspace('srgb').png().toBuffer();
  const away = difference(await pixels(inP3), await pixels(expected));
  // WebP's loss, twice in `expected`, is all that is left.
  expect(away).toBeLessThan(2);
  expect(difference(await pixels(inSrgb), await pixels(expected))).toBeGreaterThan(1.5 * away);
});
