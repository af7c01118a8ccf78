import sharp from 'sharp';
import { expect, test } from 'vitest';
import { assignProfile } from './assign-profile.ts';

test('pixels that are given a profile are shown in its colours', async () => {
  const red = sharp({ create: { width: 8, height: 8, channels: 3, background: '#ea3323' } }).png();
  const { icc } = await sharp(await red.clone().withIccProfile('p3').toBuffer()).metadata();
  if (!icc) throw new Error('sharp has written no profile');
  const inP3 = assignProfile(await red.toBuffer(), icc);

  expect((await sharp(inP3).metadata()).icc).toEqual(icc);
  // #ea3323 in Display P3 is sRGB's brightest red.
  const { channels } = await sharp(inP3).toColourspace('srgb').stats();
  const { data } = await sharp(inP3).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  expect(channels).toHaveLength(3);
  expect(data[0]).toBeGreaterThan(252);
  expect(Math.max(data[1] ?? 255, data[2] ?? 255)).toBeLessThan(8);
});
