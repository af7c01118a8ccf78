import type { Metadata } from 'sharp';
import { pngMetadata } from './png-metadata.ts';

/** What a file can tell beside its picture. Callers are shown which of it was there, never what it said. */
export const METADATA_CLASSES = [
  /** Where it was taken. */
  'gps',
  /** Make and model of the camera or its lens, or what its maker notes of its own. */
  'camera',
  /** Serial number of the camera or its lens. */
  'serial',
  /** A smaller copy of the picture, which may show what was cut off. */
  'thumbnail',
  /** What it was made or edited with. */
  'software',
  'xmp',
  'iptc',
  /** A colour profile. */
  'icc',
] as const;
export type MetadataClass = (typeof METADATA_CLASSES)[number];

/**
 * The classes of metadata that an original holds, in the order of METADATA_CLASSES. It only tells: of blocks that
 * are broken it finds what it can, and it throws at nothing.
 */
export function metadataClasses(header: Metadata, bytes: Uint8Array): MetadataClass[] {
  const { iptc, icc, comments } = header;
  const { exif = header.exif, xmp = header.xmp } = header.format === 'png' ? pngMetadata(bytes) : {};
  const found = new Set<MetadataClass>();
  if (exif) inExif(exif, found);
  if (xmp) inXmp(xmp, found);
  if (iptc) inPhotoshop(iptc, found);
  if (icc) found.add('icc');
  // PNG's predefined keyword (W3C PNG, section 11.3.3.1).
  if (comments?.some(({ keyword }) => keyword === 'Software')) found.add('software');
  return METADATA_CLASSES.filter((each) => found.has(each));
}

/** Tags of Exif 2.32 (tables 4 to 8 and 17) and DNG's camera serial number. */
const MAIN_TAGS = classesByTag({
  camera: [0x010f, 0x0110, 0x013c],
  serial: [0xc62f],
  software: [0x000b, 0x0131],
});
const EXIF_TAGS = classesByTag({ camera: [0x927c, 0xa433, 0xa434], serial: [0xa431, 0xa435] });
const THUMBNAIL_TAGS = classesByTag({ thumbnail: [0x0111, 0x0201] });
const EXIF_POINTER = 0x8769;
const GPS_POINTER = 0x8825;
const GPS_VERSION = 0;

function inExif(block: Buffer, found: Set<MetadataClass>): void {
  const tiff = block.toString('latin1', 0, 4) === 'Exif' ? block.subarray(6) : block;
  const read = tiffReader(tiff);
  const main = read(read.first);
  const note = (tags: Map<number, number>, classes: Map<number, MetadataClass>) => {
    for (const [tag, each] of classes) if (tags.has(tag)) found.add(each);
  };
  note(main.tags, MAIN_TAGS);
  note(read(main.tags.get(EXIF_POINTER)).tags, EXIF_TAGS);
  note(read(main.next).tags, THUMBNAIL_TAGS);
  const place = read(main.tags.get(GPS_POINTER)).tags;
  if ([...place.keys()].some((tag) => tag !== GPS_VERSION)) found.add('gps');
}

/** Entries that are looked at; cameras write less than a hundred. Stops a directory that lists itself 65,535 times. */
const MAX_ENTRIES = 1_000;

/**
 * Reads a directory of TIFF 6.0 (section 2): its tags with what stands in their value field, and where the next
 * directory is. What lies beyond the end of the block reads as 0, and a directory there as an empty one.
 */
function tiffReader(block: Buffer) {
  const little = block.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) =>
    at + 2 > block.length ? 0 : little ? block.readUInt16LE(at) : block.readUInt16BE(at);
  const u32 = (at: number) =>
    at + 4 > block.length ? 0 : little ? block.readUInt32LE(at) : block.readUInt32BE(at);
  const directory = (at = 0) => {
    const tags = new Map<number, number>();
    // The first 8 bytes are the header, so 0 means that there is none.
    if (at < 8) return { tags, next: 0 };
    const count = u16(at);
    for (let entry = at + 2, left = Math.min(count, MAX_ENTRIES); left > 0; left--, entry += 12) {
      if (entry + 12 > block.length) break;
      tags.set(u16(entry), u32(entry + 8));
    }
    return { tags, next: u32(at + 2 + 12 * count) };
  };
  return Object.assign(directory, { first: u32(4) });
}

const XMP_NAMES: [MetadataClass, RegExp][] = [
  ['gps', /exif:GPS(Latitude|Longitude|Dest)/],
  ['camera', /tiff:(Make|Model)\b|aux:Lens|exifEX:Lens/],
  ['serial', /SerialNumber/],
  ['thumbnail', /xmp:Thumbnails|xmpGImg:image/],
  ['software', /xmp:CreatorTool|tiff:Software/],
];
/** Bytes of XMP that are searched. */
const MAX_XMP = 1024 * 1024;

function inXmp(xmp: Buffer, found: Set<MetadataClass>): void {
  found.add('xmp');
  const text = xmp.toString('latin1', 0, MAX_XMP);
  for (const [each, name] of XMP_NAMES) if (name.test(text)) found.add(each);
}

/** Photoshop's image resources, which IPTC comes in: 0x0404 is IPTC-NAA, 0x0409 and 0x040C are thumbnails. */
function inPhotoshop(resources: Buffer, found: Set<MetadataClass>): void {
  const has = (id: string) => resources.includes(`8BIM\x04${id}`, 0, 'latin1');
  if (has('\x04')) found.add('iptc');
  if (has('\x09') || has('\x0c')) found.add('thumbnail');
}

function classesByTag(tags: Partial<Record<MetadataClass, number[]>>): Map<number, MetadataClass> {
  return new Map(
    METADATA_CLASSES.flatMap((each) => (tags[each] ?? []).map((tag): [number, MetadataClass] => [tag, each])),
  );
}
