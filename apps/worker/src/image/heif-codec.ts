/**
 * Whether the pictures in a HEIF container are AV1's. libvips goes by the container's brand, of which `mif1` names no
 * codec, and takes those for HEVC. By the properties that each codec's pictures must have (ISO/IEC 23008-12, annex B;
 * AV1 Image File Format, section 2.2.1), in the box that describes them.
 */
export function holdsAv1(bytes: Uint8Array): boolean {
  const heif = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A box is its length and its name, which the length counts (ISO/IEC 14496-12, section 4.2).
  for (let at = 0; at + 8 <= heif.length; ) {
    const length = heif.readUInt32BE(at);
    if (heif.toString('latin1', at + 4, at + 8) === 'meta') {
      const meta = heif.subarray(at, at + length);
      return meta.includes('av1C') && !meta.includes('hvcC');
    }
    // 0 is up to the end of the file, 1 a length of 64 bits: pictures, behind what describes them.
    if (length < 8) return false;
    at += length;
  }
  return false;
}
