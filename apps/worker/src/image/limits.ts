import { ImageRejected } from './rejection.ts';

/** What an image may ask of us; held against its header, before anything is decoded. */
export type Limits = {
  /** Pixels of one frame. */
  maxPixels: number;
  /** Pixels along the longer side. */
  maxSide: number;
  maxFrames: number;
  /** Pixels of all frames together. */
  maxTotalPixels: number;
};

/**
 * 50 million: the largest photos of phones (48 MP) pass. Stops pixel bombs: a 1 MB PNG of 16,000 × 16,000
 * unfolds to 1 GB.
 */
export const MAX_PIXELS = 50_000_000;

/**
 * What a JPEG can say; screens that are captured while they scroll come to half of it. Stops strips that are a few pixels
 * high and a million long.
 */
export const MAX_SIDE = 65_535;

/** Stops frame bombs: 100,000 frames of 1 × 1 pass every limit on pixels and still cost a second. */
export const MAX_FRAMES = 300;

/**
 * An animation is decoded whole, at 4 bytes a pixel: 50 million are 200 MB. Stops animations whose single frames
 * are harmless: 10,000 frames of 1,000 × 1,000.
 */
export const MAX_TOTAL_PIXELS = 50_000_000;

/** @throws {ImageRejected} `too_many_pixels` or `too_many_frames`, naming the image's figure and the limit's */
export function assertWithinLimits(
  image: { width: number; height: number; frames: number },
  limits: Limits,
): void {
  const { width, height, frames } = image;
  const size = `${width} × ${height} pixels`;
  if (frames > limits.maxFrames) {
    throw new ImageRejected(
      'too_many_frames',
      `It has ${frames} frames; at most ${limits.maxFrames} are allowed.`,
    );
  }
  if (width * height > limits.maxPixels) {
    throw new ImageRejected(
      'too_many_pixels',
      `It has ${size}; at most ${limits.maxPixels} in all are allowed.`,
    );
  }
  if (Math.max(width, height) > limits.maxSide) {
    throw new ImageRejected(
      'too_many_pixels',
      `It has ${size}; at most ${limits.maxSide} a side are allowed.`,
    );
  }
  if (width * height * frames > limits.maxTotalPixels) {
    throw new ImageRejected(
      'too_many_pixels',
      `It has ${frames} frames of ${size}; at most ${limits.maxTotalPixels} over all frames are allowed.`,
    );
  }
}
