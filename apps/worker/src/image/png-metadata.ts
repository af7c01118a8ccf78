/** EXIF and XMP of a PNG. libvips reads what stands before the pixels; programs write them behind, too. */
export function pngMetadata(bytes: Uint8Array): { exif?: Buffer; xmp?: Buffer } {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: { exif?: Buffer; xmp?: Buffer } = {};
  // A chunk is its length, its name, its content and a checksum (W3C PNG, section 5.3).
  for (let at = SIGNATURE; at + 8 <= png.length; ) {
    const length = png.readUInt32BE(at);
    const name = png.toString('latin1', at + 4, at + 8);
    const content = png.subarray(at + 8, at + 8 + length);
    if (name === 'eXIf') found.exif = content;
    if (name === 'iTXt' && content.toString('latin1', 0, XMP.length) === XMP) found.xmp = content;
    at += 12 + length;
  }
  return found;
}

const SIGNATURE = 8;
/** Keyword of the iTXt chunk that XMP comes in (XMP specification, part 3). */
const XMP = 'XML:com.adobe.xmp\0';
