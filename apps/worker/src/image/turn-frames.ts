import sharp from 'sharp';
import type { Pixels } from './pixels.ts';

/** EXIF's orientations as what is done to the pixels: turned clockwise, then mirrored top to bottom or left to right. */
const TURNS: Record<number, { angle: number; flip?: true; flop?: true }> = {
  2: { angle: 0, flop: true },
  3: { angle: 180 },
  4: { angle: 0, flip: true },
  5: { angle: 90, flip: true },
  6: { angle: 90 },
  7: { angle: 270, flip: true },
  8: { angle: 270 },
};

/**
 * Turns an animation upright, frame by frame: turned as the column that it is, its frames would change their order.
 * (libvips turns columns only by halves and says of quarters that it can't.)
 */
export async function turnFrames(pixels: Pixels, orientation = 1): Promise<Pixels> {
  const turn = TURNS[orientation];
  if (!turn) return pixels;
  const { width, height, channels, frames } = pixels;
  const bytes = width * height * channels;
  const turned: Buffer[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const raw = pixels.data.subarray(frame * bytes, (frame + 1) * bytes);
    turned.push(
      await sharp(raw, { raw: { width, height, channels } })
        .rotate(turn.angle)
        .flip(turn.flip ?? false)
        .flop(turn.flop ?? false)
        .raw()
        .toBuffer(),
    );
  }
  const quarter = turn.angle % 180 !== 0;
  return {
    ...pixels,
    data: Buffer.concat(turned),
    ...(quarter ? { width: height, height: width } : {}),
  };
}
