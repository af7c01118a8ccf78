import sharp from 'sharp';

/** The loaders that a file of an allowed type needs, reading from memory only. */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((name) => `VipsForeignLoad${name}Buffer`);

/**
 * Leaves libvips only the decoders of the types that we allow (no SVG, PDF, TIFF, ImageMagick, and no file
 * paths), on one thread and without a cache: the pool's processes are what runs side by side.
 */
export function hardenSharp(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
  sharp.concurrency(1);
  sharp.cache(false);
}
