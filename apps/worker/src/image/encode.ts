import { openPixels, type Pixels } from './pixels.ts';

export type Encoding = {
  /** 1 to 100. */
  quality: number;
  /** 0 to 6: CPU that is spent to make files smaller. */
  effort: number;
};

/**
 * Milliseconds of a frame, and plays of an animation, that sharp takes at most. GIF can say ten times as long, which
 * nobody means: the frame then stays for a minute.
 */
const MAX_DELAY = 65_535;
const MAX_LOOP = 65_535;

/** WebP of `pixels`; timing and loop count of an animation are kept. */
export async function encode(pixels: Pixels, { quality, effort }: Encoding) {
  const { data, info } = await openPixels(pixels)
    .webp({
      quality,
      effort,
      ...(pixels.frames > 1 ? timing(pixels) : {}),
    })
    .toBuffer({ resolveWithObject: true });
  return { bytes: data, width: info.width, height: info.pageHeight ?? info.height };
}

const timing = ({ loop = 0, delay = [] }: Pixels) => ({
  loop: Math.min(loop, MAX_LOOP),
  delay: delay.map((milliseconds) => Math.min(milliseconds, MAX_DELAY)),
});
