import { corpus } from '@s3-image-app/testkit';
import sharp from 'sharp';
import { expect, test } from 'vitest';
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
