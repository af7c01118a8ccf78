import { tiffReader } from './tiff.ts';

/** What a JPEG tells that libvips does not read. */
export type JpegMetadata = {
  /** The rest of an XMP that is too long for one segment, in pieces. */
  xmp: Buffer[];
  /** Whether it holds a smaller copy of its picture, outside of EXIF. */
  thumbnail: boolean;
};

const SOI_LENGTH = 2;
const SOS = 0xda;
const [APP0, APP1, APP2] = [0xe0, 0xe1, 0xe2];
/** Of extended XMP (XMP specification, part 3): its name is followed by a digest, the whole length and the offset. */
const EXTENDED_XMP = 'http://ns.adobe.com/xmp/extension/\0';
const EXTENDED_XMP_HEADER = EXTENDED_XMP.length + 32 + 4 + 4;

export function jpegMetadata(bytes: Uint8Array): JpegMetadata {
  const jpeg = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: JpegMetadata = { xmp: [], thumbnail: false };
  // Segments up to the first scan: 0xFF, a marker, a length that counts itself (ITU-T T.81, annex B.1).
  for (let at = SOI_LENGTH; at + 4 <= jpeg.length && jpeg[at] === 0xff; ) {
    const marker = jpeg[at + 1] ?? SOS;
    if (marker === SOS) break;
    // Any number of 0xFF may stand before a marker.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = jpeg.readUInt16BE(at + 2);
    const content = jpeg.subarray(at + 4, at + 2 + length);
    const begins = (name: string) => content.toString('latin1', 0, name.length) === name;
    if (marker === APP0 && (begins('JFXX\0') || (begins('JFIF\0') && hasJfifThumbnail(content)))) {
      found.thumbnail = true;
    }
    if (marker === APP1 && begins(EXTENDED_XMP)) found.xmp.push(content.subarray(EXTENDED_XMP_HEADER));
    if (marker === APP2 && begins('MPF\0') && hasLargeThumbnail(content.subarray(4))) found.thumbnail = true;
    at += 2 + length;
  }
  return found;
}

/** Width and height of the thumbnail in JFIF's own segment (JFIF 1.02); programs write 0 × 0. */
const hasJfifThumbnail = (content: Buffer): boolean => content.length >= 14 && content.readUInt16BE(12) > 0;

/** Multi-Picture Format (CIPA DC-007, section 5.2): how many pictures there are, and an entry of 16 bytes for each. */
const MPF_COUNT = 0xb001;
const MPF_ENTRIES = 0xb002;
const MPF_ENTRY = 16;
const LARGE_THUMBNAILS = [0x010001, 0x010002];
/** Pictures that are looked at; cameras write two to four. */
const MAX_PICTURES = 16;

function hasLargeThumbnail(block: Buffer): boolean {
  const { main, u32 } = tiffReader(block);
  const { tags } = main();
  const first = tags.get(MPF_ENTRIES) ?? block.length;
  const count = Math.min(tags.get(MPF_COUNT) ?? 0, MAX_PICTURES);
  const types = Array.from({ length: count }, (_, entry) => u32(first + entry * MPF_ENTRY) & 0xffffff);
  return types.some((type) => LARGE_THUMBNAILS.includes(type));
}
