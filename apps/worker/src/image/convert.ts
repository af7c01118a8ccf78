import { decode } from './decode.ts';
import { type Encoding, encode } from './encode.ts';
import type { MetadataClass } from './metadata-classes.ts';
import { openPixels } from './pixels.ts';
import { type Preview, preview } from './preview.ts';
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
 * Makes of an inspected image all that is served of it, from one decode. The same bytes and settings give
 * the same renditions.
 * @throws {ImageRejected} `corrupt`
 */
export async function convert(
  bytes: Uint8Array,
  header: Header,
  output: OutputSettings,
): Promise<Renditions> {
  const pixels = await decode(bytes, header, output.maxSide);
  const main = await encode(openPixels(pixels), pixels, output);
  const variants: Rendition[] = [];
  for (const width of output.variantWidths.filter((width) => width < pixels.width)) {
    variants.push(await encode(openPixels(pixels).resize({ width }), pixels, output));
  }
  return { main, variants, ...(await preview(pixels)), removedMetadata: header.metadata };
}
