import sharp from 'sharp';
import { convert, type Renditions } from '../src/image/convert.ts';
import { inspect } from '../src/image/inspect.ts';

const limits = { maxPixels: 50_000_000, maxSide: 30_000, maxFrames: 100, maxTotalPixels: 50_000_000 };
const output = { maxSide: 400, variantWidths: [40, 100, 1000], quality: 90, effort: 2 };

/** The renditions of an original that is declared as what it is. */
export async function render(bytes: Buffer, over: Partial<typeof output> = {}): Promise<Renditions> {
  const type = (await sharp(bytes).metadata()).mediaType ?? '';
  return convert(bytes, await inspect(bytes, type, limits), { ...output, ...over });
}

/** Mean colour of a part of an image, to the nearest whole number. */
export async function colour(
  image: Buffer,
  part?: { left: number; top: number; width: number; height: number },
): Promise<number[]> {
  const pixels = part ? await sharp(image).extract(part).png().toBuffer() : image;
  const { channels } = await sharp(pixels).stats();
  return channels.map(({ mean }) => Math.round(mean));
}
