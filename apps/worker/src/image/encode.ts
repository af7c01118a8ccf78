import type { Sharp } from 'sharp';
import type { Pixels } from './pixels.ts';

export type Encoding = {
  /** 1 to 100. */
  quality: number;
  /** 0 to 6: CPU that is spent to make files smaller. */
  effort: number;
};

/** WebP of `image`, which shows `pixels`; metadata is left behind, timing and loop count of an animation kept. */
export async function encode(image: Sharp, pixels: Pixels, { quality, effort }: Encoding) {
  const { data, info } = await image
    .webp({
      quality,
      effort,
      ...(pixels.frames > 1 ? { loop: pixels.loop ?? 0, delay: pixels.delay ?? [] } : {}),
    })
    .toBuffer({ resolveWithObject: true });
  return { bytes: data, width: info.width, height: info.pageHeight ?? info.height };
}
