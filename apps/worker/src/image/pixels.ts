import sharp, { type Sharp } from 'sharp';

/** Decoded sRGB pixels, upright, 8 bits a channel; the frames of an animation lie one below the other. */
export type Pixels = {
  data: Buffer;
  /** Of one frame. */
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
  frames: number;
  delay?: number[] | undefined;
  loop?: number | undefined;
};

/** Opens `pixels` for another step; all frames, or only the first. */
export function openPixels(pixels: Pixels, which: 'all frames' | 'first frame' = 'all frames'): Sharp {
  const { width, height, channels } = pixels;
  if (which === 'all frames' && pixels.frames > 1) {
    const raw = { width, height: height * pixels.frames, channels, pageHeight: height };
    return sharp(pixels.data, { raw, animated: true });
  }
  return sharp(pixels.data.subarray(0, width * height * channels), { raw: { width, height, channels } });
}

/** The same picture with fewer pixels, all frames of an animation. */
export async function shrink(pixels: Pixels, size: { width: number; height: number }): Promise<Pixels> {
  const { data, info } = await openPixels(pixels)
    .resize({ ...size, fit: 'fill' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { ...pixels, ...size, data, channels: info.channels };
}
