import type { Metadata } from 'sharp';
import { gifFacts } from './gif.ts';
import { jpegMetadata } from './jpeg-metadata.ts';
import { makerNotesHoldSerial } from './maker-notes.ts';
import { pngMetadata } from './png-metadata.ts';
import { tiffReader } from './tiff.ts';

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
  const found = new Set<MetadataClass>();
  const { exif, xmp, iptc, icc, classes } = blocksOf(header, bytes);
  if (exif) inExif(exif, found);
  for (const each of xmp) inXmp(each, found);
  if (iptc) inPhotoshop(iptc, found);
  if (icc) found.add('icc');
  for (const each of classes) found.add(each);
  return METADATA_CLASSES.filter((each) => found.has(each));
}

type Blocks = {
  exif?: Buffer | undefined;
  xmp: Buffer[];
  iptc?: Buffer | undefined;
  icc?: unknown;
  /** What is there without a block that would have to be read. */
  classes: MetadataClass[];
};

/** The decoder's, and what it leaves out of the format. */
function blocksOf({ format, exif, xmp, iptc, icc }: Metadata, bytes: Uint8Array): Blocks {
  const read: Blocks = { exif, xmp: xmp ? [xmp] : [], iptc, icc, classes: [] };
  switch (format) {
    case 'png': {
      const { software, ...png } = pngMetadata(bytes);
      return {
        ...read,
        ...png,
        xmp: png.xmp ? [png.xmp] : read.xmp,
        icc: png.icc ?? icc,
        classes: software ? ['software'] : [],
      };
    }
    case 'jpeg': {
      const jpeg = jpegMetadata(bytes);
      return { ...read, xmp: [...read.xmp, ...jpeg.xmp], classes: jpeg.thumbnail ? ['thumbnail'] : [] };
    }
    case 'gif': {
      const gif = gifFacts(bytes);
      return gif.xmp ? { ...read, xmp: [gif.xmp] } : read;
    }
    default:
      return read;
  }
}

/**
 * Tags of Exif 2.32 (tables 4 to 8), DNG's camera serial number, what Adobe's Camera Raw adds, and the tags that TIFF has
 * for the other blocks. Programs put some of them into the other directory of the two.
 */
const TAGS = classesByTag({
  camera: [0x010f, 0x0110, 0x013c, 0x927c, 0xa433, 0xa434, 0xfdea],
  serial: [0xa431, 0xa435, 0xc62f, 0xfde9],
  software: [0x000b, 0x0131],
  xmp: [0x02bc],
  iptc: [0x83bb],
  icc: [0x8773],
});
const THUMBNAIL_TAGS = classesByTag({ thumbnail: [0x0111, 0x0201] });
const EXIF_POINTER = 0x8769;
const MAKE = 0x010f;
/** Bytes of a maker's name that are looked at. */
const MAKER_LENGTH = 20;
const MAKER_NOTES = 0x927c;
const GPS_POINTER = 0x8825;
const GPS_VERSION = 0;

function inExif(block: Buffer, found: Set<MetadataClass>): void {
  const tiff = block.toString('latin1', 0, 4) === 'Exif' ? block.subarray(6) : block;
  const { main, directory } = tiffReader(tiff);
  const { tags, next } = main();
  const note = (held: Map<number, number>, classes: Map<number, MetadataClass>) => {
    for (const [tag, each] of classes) if (held.has(tag)) found.add(each);
  };
  note(tags, TAGS);
  const exif = directory(tags.get(EXIF_POINTER)).tags;
  note(exif, TAGS);
  note(directory(next).tags, THUMBNAIL_TAGS);
  const notes = exif.get(MAKER_NOTES);
  const maker = tags.get(MAKE) ?? tiff.length;
  if (notes && makerNotesHoldSerial(tiff, notes, tiff.toString('latin1', maker, maker + MAKER_LENGTH))) {
    found.add('serial');
  }
  const place = directory(tags.get(GPS_POINTER)).tags;
  if ([...place.keys()].some((tag) => tag !== GPS_VERSION)) found.add('gps');
}

const XMP_NAMES: [MetadataClass, RegExp][] = [
  ['gps', /exif:GPS(Latitude|Longitude|Dest)/],
  ['camera', /tiff:(Make|Model)\b|aux:Lens|exifEX:Lens/],
  ['serial', /SerialNumber/],
  ['thumbnail', /(xmp|xap):Thumbnails|(xmp|xap)GImg:image/],
  ['software', /(xmp|xap):CreatorTool|tiff:Software/],
];
/** Bytes of XMP that are searched. */
const MAX_XMP = 1024 * 1024;

function inXmp(xmp: Buffer, found: Set<MetadataClass>): void {
  found.add('xmp');
  const text = xmp.toString('latin1', 0, MAX_XMP);
  for (const [each, name] of XMP_NAMES) if (name.test(text)) found.add(each);
}

/**
 * Photoshop's image resources, which IPTC comes in: 0x0404 is IPTC-NAA, 0x0409 and 0x040C are thumbnails. Some writers
 * leave the resources out and put IPTC alone.
 */
function inPhotoshop(resources: Buffer, found: Set<MetadataClass>): void {
  if (!resources.includes('8BIM')) found.add('iptc');
  if (holdsResource(resources, 0x04)) found.add('iptc');
  if (holdsResource(resources, 0x09) || holdsResource(resources, 0x0c)) found.add('thumbnail');
}

/** Whether 0x0400 + `id` is there and not empty: a name with its length, filled up to an even number, and four bytes of length. */
function holdsResource(resources: Buffer, id: number): boolean {
  const at = resources.indexOf(Buffer.from([...Buffer.from('8BIM'), 0x04, id]));
  const size = at + 6 + 2 * Math.floor(((resources[at + 6] ?? 0) + 2) / 2);
  return at >= 0 && size + 4 <= resources.length && resources.readUInt32BE(size) > 0;
}

function classesByTag(tags: Partial<Record<MetadataClass, number[]>>): Map<number, MetadataClass> {
  return new Map(
    METADATA_CLASSES.flatMap((each) => (tags[each] ?? []).map((tag): [number, MetadataClass] => [tag, each])),
  );
}
