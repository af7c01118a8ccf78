/** A directory of TIFF 6.0 (section 2): its tags with what stands in their value field, and where the next one is. */
export type Directory = { tags: Map<number, number>; next: number };

/** Entries that are looked at; cameras write less than a hundred. Stops a directory that lists itself 65,535 times. */
const MAX_ENTRIES = 1_000;

export const isLittleEndian = (block: Buffer): boolean => block.toString('latin1', 0, 2) === 'II';

/**
 * Reads the directories of `block`, in its byte order or the one that is given. What lies beyond its end reads as 0,
 * and a directory there as an empty one.
 */
export function tiffReader(block: Buffer, little = isLittleEndian(block)) {
  const u16 = (at: number) =>
    at + 2 > block.length ? 0 : little ? block.readUInt16LE(at) : block.readUInt16BE(at);
  const u32 = (at: number) =>
    at + 4 > block.length ? 0 : little ? block.readUInt32LE(at) : block.readUInt32BE(at);
  const directory = (at = 0): Directory => {
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
  return { directory, u32, main: () => directory(u32(4)) };
}
