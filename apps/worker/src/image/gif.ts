/** What of a GIF libvips doesn't tell, by a walk of its blocks (GIF89a specification, sections 17 to 27). */
export type GifFacts = {
  /** Whether it ends in the middle of a block. libvips shows what is there of such an animation, without a warning. */
  cutShort: boolean;
  xmp?: Buffer;
};

const HEADER = 13;
const EXTENSION = 0x21;
const IMAGE = 0x2c;
const APPLICATION = 0xff;
/** Name and authentication code that XMP comes under (XMP specification, part 3). */
const XMP = 'XMP DataXMP';

export function gifFacts(bytes: Uint8Array): GifFacts {
  const gif = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let xmp: Buffer | undefined;
  let at = HEADER + colourTable(gif[10]);
  for (;;) {
    const begin = at;
    const kind = gif[at];
    if (kind === EXTENSION) at = endOfSubBlocks(gif, at + 2);
    // Place, size and flags, a colour table, and the least length of a code.
    else if (kind === IMAGE) at = endOfSubBlocks(gif, at + 10 + colourTable(gif[at + 9]) + 1);
    // The trailer, no more bytes (only the trailer is missing), or what is no GIF any more.
    else break;
    const isXmp =
      kind === EXTENSION &&
      gif[begin + 1] === APPLICATION &&
      gif.toString('latin1', begin + 3, begin + 14) === XMP;
    if (isXmp) xmp = gif.subarray(begin + 14, at);
  }
  return { cutShort: at > gif.length, ...(xmp ? { xmp } : {}) };
}

/** Bytes of the colour table that flags announce. */
const colourTable = (flags = 0): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/** Each sub-block is its length and as many bytes; one of length 0 is the last. */
function endOfSubBlocks(gif: Buffer, from: number): number {
  let at = from;
  for (let length = gif[at]; length !== 0; length = gif[at]) {
    // Beyond the end, whatever the missing length says.
    if (length === undefined) return gif.length + 1;
    at += 1 + length;
  }
  return at + 1;
}
