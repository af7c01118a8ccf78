import { isLittleEndian, tiffReader } from './tiff.ts';

/**
 * How makers lay out their private notes, of those whose cameras write a serial number there: what the notes begin
 * with, where their directory is, and which of its tags are serial numbers. From exiftool's pages of tag names.
 */
const LAYOUTS = [
  // A TIFF of its own behind ten bytes, whose directory comes first.
  { begins: 'Nikon\0\x02', block: 10, directory: 8, serial: [0x001d, 0x00a0] },
  { begins: 'FUJIFILM', order: 'II', directory: 12, serial: [0x0010] },
  { begins: 'OLYMPUS\0II', order: 'II', directory: 12, serial: [0x0404], equipment: 0x2010 },
  { begins: 'OM SYSTEM\0\0\0II', order: 'II', directory: 16, serial: [0x0404], equipment: 0x2010 },
  { begins: 'OLYMP\0', directory: 8, serial: [0x0404] },
  { begins: 'Panasonic\0', directory: 12, serial: [0x0025, 0x0052] },
];
/** In Olympus's directory of equipment: of the body, once more of the body, of the lens. */
const OLYMPUS_EQUIPMENT = [0x0101, 0x0102, 0x0202];
/** Canon's notes are a directory and nothing else, so that the maker's name tells them. */
const CANON_SERIAL = [0x000c, 0x0096];

/** Whether the notes that `maker` left at `at` of an EXIF block hold a serial number, as far as their layout is known. */
export function makerNotesHoldSerial(exif: Buffer, at: number, maker: string): boolean {
  const holdsAny = (tags: Map<number, number>, wanted: number[]) => wanted.some((tag) => tags.has(tag));
  if (maker.startsWith('Canon')) return holdsAny(tiffReader(exif).directory(at).tags, CANON_SERIAL);
  const notes = exif.subarray(at);
  const layout = LAYOUTS.find(({ begins }) => notes.toString('latin1', 0, begins.length) === begins);
  if (!layout) return false;
  const { block = 0, order, directory, serial, equipment } = layout;
  const own = notes.subarray(block);
  const little = order ? order === 'II' : isLittleEndian(block ? own : exif);
  const read = tiffReader(own, little).directory;
  const { tags } = read(directory);
  return (
    holdsAny(tags, serial) || (!!equipment && holdsAny(read(tags.get(equipment)).tags, OLYMPUS_EQUIPMENT))
  );
}
