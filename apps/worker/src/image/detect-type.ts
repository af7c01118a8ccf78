import { fileTypeFromBuffer } from 'file-type';
import { ImageRejected } from './rejection.ts';

/** The types that we take in. */
export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif' | 'image/avif' | 'image/heic';

/**
 * What a magic number may turn out to be once a decoder has read the header. A HEIF container's brand says
 * little of the codec in it, so several are open there.
 */
const CANDIDATES: Record<string, readonly ImageType[]> = {
  'image/jpeg': ['image/jpeg'],
  'image/png': ['image/png'],
  // An animated PNG is read as what every PNG reader sees in it: its default image.
  'image/apng': ['image/png'],
  'image/webp': ['image/webp'],
  'image/gif': ['image/gif'],
  'image/avif': ['image/avif'],
  'image/heic': ['image/heic'],
  'image/heif': ['image/heic', 'image/avif'],
};

/**
 * The types that the magic number leaves open.
 * @throws {ImageRejected} `not_an_image` or `type_not_allowed`
 */
export async function detectType(bytes: Uint8Array): Promise<readonly ImageType[]> {
  const mime = (await fileTypeFromBuffer(bytes))?.mime;
  if (!mime && beginsLikePng(bytes)) {
    throw new ImageRejected('corrupt', 'It begins like a PNG and holds no picture.');
  }
  if (!mime?.startsWith('image/')) {
    throw new ImageRejected('not_an_image', `It is not an image${mime ? ` but ${mime}` : ''}.`);
  }
  const candidates = CANDIDATES[mime];
  if (!candidates || isAvifSequence(bytes)) {
    const found = candidates ? 'an AVIF sequence' : mime;
    throw new ImageRejected(
      'type_not_allowed',
      `It is ${found}; JPEG, PNG, WebP, GIF, AVIF and HEIC stills are allowed.`,
    );
  }
  return candidates;
}

/** Of a PNG file-type wants to see more than the signature. */
const beginsLikePng = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 0, 8) ===
  '\x89PNG\r\n\x1a\n';

/** A file whose major brand (ISO 14496-12 `ftyp`) is `avis` is a film, which libvips does not open. */
const isAvifSequence = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 4, 12) === 'ftypavis';
