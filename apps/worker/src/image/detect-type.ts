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
  const beginning = BEGINNINGS.find(({ signature }) => beginsWith(bytes, signature));
  if (!mime && beginning) {
    throw new ImageRejected('corrupt', `It begins like a ${beginning.name} and holds no picture.`);
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

/** Of these file-type wants to see more than the signature. */
const BEGINNINGS = [
  { name: 'PNG', signature: '\x89PNG\r\n\x1a\n' },
  // The marker that begins an image (ITU-T T.81, table B.1); another one must follow.
  { name: 'JPEG', signature: '\xff\xd8' },
];

const beginsWith = (bytes: Uint8Array, signature: string): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 0, signature.length) ===
  signature;

/** A file whose major brand (ISO 14496-12 `ftyp`) is `avis` is a film, which libvips does not open. */
const isAvifSequence = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', 4, 12) === 'ftypavis';
