import { inflateSync } from 'node:zlib';

/** What a PNG tells beside its picture, wherever in the file; libvips reads part of what stands before the pixels. */
export type PngMetadata = {
  exif?: Buffer;
  xmp?: Buffer;
  /** Photoshop's image resources, or IPTC alone. */
  iptc?: Buffer;
  icc?: true;
  software?: true;
};

const SIGNATURE = 8;
/** Bytes of a text that are read; EXIF and XMP take less. */
const MAX_TEXT = 4 * 1024 * 1024;
/** Packed texts that are unpacked. Stops files that are made of nothing else, each of which unfolds to the above. */
const MAX_UNPACKED = 10;

/** The texts that are of use, by what their keyword begins with. */
const XMP = 'XML:com.adobe.xmp';
const SOFTWARE = 'Software';
/** ImageMagick's and exiftool's way of keeping metadata before PNG had places for it. */
const RAW_PROFILE = 'Raw profile type ';

export function pngMetadata(bytes: Uint8Array): PngMetadata {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: PngMetadata = {};
  let unpacked = 0;
  // A chunk is its length, its name, its content and a checksum (W3C PNG, section 5.3).
  for (let at = SIGNATURE; at + 8 <= png.length; ) {
    const length = png.readUInt32BE(at);
    const name = png.toString('latin1', at + 4, at + 8);
    const content = png.subarray(at + 8, at + 8 + length);
    if (name === 'eXIf') found.exif ??= content;
    if (name === 'iCCP') found.icc = true;
    const text = TEXTS[name]?.(content);
    if (text?.keyword === SOFTWARE) found.software = true;
    else if (text && (text.keyword === XMP || text.keyword.startsWith(RAW_PROFILE))) {
      if (!text.packed) note(found, text.keyword, text.value);
      else if (++unpacked <= MAX_UNPACKED) note(found, text.keyword, unpack(text.value));
    }
    at += 12 + length;
  }
  return found;
}

type Text = { keyword: string; packed: boolean; value: Buffer };

/** The chunks that hold text (W3C PNG, section 11.3.3): a keyword, NUL, and by chunk how the text follows. */
const TEXTS: Record<string, (content: Buffer) => Text> = {
  tEXt: (content) => textOf(content, 0, false),
  // A byte for the method, of which there is one.
  zTXt: (content) => textOf(content, 1, true),
  // A flag and a method; then language and translated keyword, each with NUL.
  iTXt: (content) => {
    const { keyword, value } = textOf(content, 2, false);
    const translated = value.indexOf(0) + 1;
    const packed = content[keyword.length + 1] === 1;
    return { keyword, packed, value: value.subarray(value.indexOf(0, translated) + 1) };
  },
};

function textOf(content: Buffer, skip: number, packed: boolean): Text {
  const end = content.indexOf(0);
  const keyword = content.toString('latin1', 0, Math.max(end, 0));
  return { keyword, packed, value: content.subarray(end + 1 + skip) };
}

function unpack(packed: Buffer): Buffer {
  try {
    return inflateSync(packed, { maxOutputLength: MAX_TEXT });
  } catch {
    return Buffer.alloc(0);
  }
}

function note(found: PngMetadata, keyword: string, text: Buffer): void {
  if (text.length === 0) return;
  if (keyword === XMP) {
    found.xmp ??= text;
    return;
  }
  const profile = rawProfile(text);
  if (EXIF_BEGINS.test(profile.toString('latin1', 0, 4))) found.exif ??= profile;
  else if (profile.includes(XMP_BEGINS)) found.xmp ??= profile;
  else if (/ (iptc|8bim)$/.test(keyword)) found.iptc ??= profile;
  else if (/ icc$/.test(keyword)) found.icc = true;
}
/** As in JPEG, or the TIFF alone. */
const EXIF_BEGINS = /^(Exif|II\*\0|MM\0\*)/;
const XMP_BEGINS = '<x:xmpmeta';

/** A name and a length, each on a line of its own, and the content in hexadecimal digits. */
function rawProfile(text: Buffer): Buffer {
  const digits = /^\n[^\n]*\n *\d+\n([\da-f\s]*)/i.exec(text.toString('latin1', 0, MAX_TEXT))?.[1] ?? '';
  return Buffer.from(digits.replaceAll(/\s/g, ''), 'hex');
}
