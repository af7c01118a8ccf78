import { corpus } from '@s3-image-app/testkit';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { convert } from './convert.ts';
import { inspect } from './inspect.ts';
import { isSrgb } from './is-srgb.ts';

const profile = async (name: string): Promise<Buffer> => {
  const image = sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });
  const { icc } = await sharp(await image.withIccProfile(name).png().toBuffer()).metadata();
  if (!icc) throw new Error('sharp has written no profile');
  return icc;
};

test("sharp's own profiles are told apart", async () => {
  expect(isSrgb(await profile('srgb'))).toBe(true);
  expect(isSrgb(await profile('p3'))).toBe(false);
});

test('a profile that is cut or changed where it counts is another', async () => {
  const icc = await profile('srgb');
  for (let length = 0; length < icc.length; length++) isSrgb(icc.subarray(0, length));
  expect(isSrgb(icc.subarray(0, 300))).toBe(false);
  expect(isSrgb(Buffer.from(icc.toString('latin1').replace('rXYZ', 'xXYZ'), 'latin1'))).toBe(false);
  expect(isSrgb(Buffer.alloc(10_000, 255))).toBe(false);
});

test('of all profiles of the corpus those are sRGB whose transform changes next to nothing', async () => {
  let [same, other] = [0, 0];
  for (const { path, read } of corpus().filter((file) => file.path.startsWith('valid/'))) {
    const { icc, space, format } = await sharp(read()).metadata();
    if (!icc || space !== 'srgb' || path.includes('heic')) continue;
    if (!isSrgb(icc)) {
      other += 1;
      continue;
    }
    same += 1;
    const open = (ignoreIcc: boolean) =>
      sharp(read(), { ignoreIcc }).toColourspace('srgb').removeAlpha().raw().toBuffer();
    const [kept, transformed] = [await open(true), await open(false)];
    const furthest = kept.reduce(
      (most, value, at) => Math.max(most, Math.abs(value - (transformed[at] ?? 0))),
      0,
    );
    expect(furthest, `${path} ${format}`).toBeLessThanOrEqual(3);
  }
  expect(same).toBeGreaterThan(5);
  expect(other).toBeGreaterThan(3);
});

test('an image with the profile of sRGB keeps its colours to the last bit', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const plain = sharp({ create: { width: 64, height: 64, channels: 3, background: 'red', noise } });
  const png = await plain.png().toBuffer();
  const tagged = await sharp(png).withIccProfile('srgb', { attach: true }).png().toBuffer();
  const limits = { maxPixels: 50_000_000, maxSide: 30_000, maxFrames: 100, maxTotalPixels: 50_000_000 };
  const output = { maxSide: 400, variantWidths: [], quality: 90, effort: 0 };
  const render = async (bytes: Buffer) => convert(bytes, await inspect(bytes, 'image/png', limits), output);
  expect((await render(tagged)).main).toEqual((await render(png)).main);
});
