import { expect, test } from 'vitest';
import { assertWithinLimits, MAX_FRAMES, MAX_PIXELS, MAX_SIDE, MAX_TOTAL_PIXELS } from './limits.ts';

const limits = { maxPixels: 1000, maxSide: 100, maxFrames: 10, maxTotalPixels: 2000 };

test.each([
  ['as many pixels as allowed', { width: 100, height: 10, frames: 2 }],
  ['as many frames as allowed', { width: 10, height: 10, frames: 10 }],
])('%s pass', (_, image) => {
  expect(() => assertWithinLimits(image, limits)).not.toThrow();
});

test.each([
  ['a pixel too many', { width: 91, height: 11, frames: 1 }, 'too_many_pixels', '91 × 11'],
  ['a side too long', { width: 101, height: 1, frames: 1 }, 'too_many_pixels', 'at most 100 a side'],
  [
    'a frame too many',
    { width: 1, height: 1, frames: 11 },
    'too_many_frames',
    'It has 11 frames; at most 10',
  ],
  [
    'too many pixels over all frames',
    { width: 100, height: 10, frames: 3 },
    'too_many_pixels',
    'over all frames',
  ],
])('%s is refused by its name and figure', (_, image, code, text) => {
  expect(() => assertWithinLimits(image, limits)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(text) }),
  );
});

test("a phone's largest photo is within the limits that hold by default", () => {
  const byDefault = {
    maxPixels: MAX_PIXELS,
    maxSide: MAX_SIDE,
    maxFrames: MAX_FRAMES,
    maxTotalPixels: MAX_TOTAL_PIXELS,
  };
  expect(() => assertWithinLimits({ width: 8064, height: 6048, frames: 1 }, byDefault)).not.toThrow();
});
