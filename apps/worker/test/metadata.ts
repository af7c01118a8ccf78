import sharp, { type Sharp } from 'sharp';
import { type MetadataClass, metadataClasses } from '../src/image/metadata-classes.ts';

/** What is told of a whole file: of the blocks that sharp reads, and of what it leaves out. */
export const told = async (bytes: Buffer): Promise<MetadataClass[]> =>
  metadataClasses(await sharp(bytes).metadata(), bytes);

/** A picture without metadata, to be encoded. */
export const plain = (): Sharp => sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });

/** A directory of TIFF in little-endian order, each of whose tags has a value of four bytes. */
export function directory(tags: Record<number, number>): Buffer {
  const entries = Object.entries(tags).map(([tag, value]) => {
    const entry = Buffer.alloc(12);
    entry.writeUInt16LE(Number(tag));
    entry.writeUInt32LE(value, 8);
    return entry;
  });
  return Buffer.concat([Buffer.from([entries.length, 0]), ...entries, Buffer.alloc(4)]);
}

/** EXIF whose main directory has these tags, and no other directory. */
export const exifBlock = (tags: Record<number, number>): Buffer =>
  Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), directory(tags)]);

/** XMP that names its software. */
export const XMP = '<x:xmpmeta><x xmp:CreatorTool="T"/></x:xmpmeta>';
