import sharp from 'sharp';
import { rgbaToThumbHash } from 'thumbhash';
import { openPixels, type Pixels } from './pixels.ts';

/** What pages show until the image is there. */
export type Preview = {
  /** Base64 of a ThumbHash: about 25 bytes that a script unfolds to a blurred image. */
  thumbhash: string;
  /** A WebP of 16 pixels a side as a data: URI, for pages that run no script for it. */
  placeholder: string;
};

/** Pixels of a side that are enough to make a preview of: what ThumbHash takes at most. */
export const PREVIEW_SIDE = 100;
const PLACEHOLDER_SIDE = 16;

export async function preview(pixels: Pixels): Promise<Preview> {
  const { data, info } = await openPixels(pixels, 'first frame')
    .resize(PREVIEW_SIDE, PREVIEW_SIDE, { fit: 'inside', withoutEnlargement: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const tiny = await sharp(data, { raw: { width, height, channels } })
    .resize(PLACEHOLDER_SIDE, PLACEHOLDER_SIDE, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 40 })
    .toBuffer();
  return {
    thumbhash: Buffer.from(rgbaToThumbHash(width, height, data)).toString('base64'),
    placeholder: `data:image/webp;base64,${tiny.toString('base64')}`,
  };
}
