import { decode } from './decode.ts';
import { type Encoding, encode } from './encode.ts';
import type { MetadataClass } from './metadata-classes.ts';
import { type Pixels, shrink } from './pixels.ts';
import { PREVIEW_SIDE, type Preview, preview } from './preview.ts';
import type { Header } from './read-header.ts';

export type OutputSettings = Encoding & {
  /** Pixels of the main rendition's longer side, at most. */
  maxSide: number;
  /** Pixels; those that are not narrower than the main rendition are left out. */
  variantWidths: number[];
};

/** A WebP file; the size is in pixels, an animation's that of a frame. */
export type Rendition = { bytes: Buffer; width: number; height: number };
export type Renditions = Preview & {
  main: Rendition;
  variants: Rendition[];
  /** What the original held beside its picture, and none of the renditions does. */
  removedMetadata: MetadataClass[];
};

/**
 * How many times wider than a picture another must be to make it of that one instead of the main rendition's pixels:
 * four and more pixels for each of its own lose nothing that shows, and a quarter of the pixels cost a quarter.
 */
const SHRINK_BY = 2;

/**
 * Makes of an inspected image all that is served of it, from one decode; the variants come narrowest first. The same
 * bytes and settings give the same renditions.
 * @throws {ImageRejected} `corrupt`
 */
export async function convert(
  bytes: Uint8Array,
  header: Header,
  output: OutputSettings,
): Promise<Renditions> {
  const pixels = await decode(bytes, header, output.maxSide);
  const encodeMain = () => encode(pixels, output);
  const [main, smaller] =
    // On a second core, if one is free. All frames of an animation are too large to be in work twice.
    pixels.frames === 1
      ? await Promise.all([encodeMain(), makeSmaller(pixels, output)])
      : [await encodeMain(), await makeSmaller(pixels, output)];
  return { main, ...smaller, removedMetadata: header.metadata };
}

/** The variants, each made of the smallest that is still large enough, and the preview. */
async function makeSmaller(
  pixels: Pixels,
  output: OutputSettings,
): Promise<Preview & { variants: Rendition[] }> {
  const variants: Rendition[] = [];
  let smallest = pixels;
  const sourceFor = (width: number) => (smallest.width >= SHRINK_BY * width ? smallest : pixels);
  const widths = output.variantWidths.filter((width) => width < pixels.width);
  for (const width of widths.toSorted((one, other) => other - one)) {
    smallest = await shrink(sourceFor(width), fitWidth(pixels, width));
    variants.unshift(await encode(smallest, output));
  }
  return { variants, ...(await preview(sourceFor(PREVIEW_SIDE))) };
}

/** As wide as asked for, as high as the main rendition's shape makes it. */
const fitWidth = ({ width, height }: Pixels, to: number) => ({
  width: to,
  height: Math.max(1, Math.round((height * to) / width)),
});
