import { crc32 } from 'node:zlib';
import sharp, { type Metadata } from 'sharp';
import type { ImageType } from './detect-type.ts';
import { holdsAv1 } from './heif-codec.ts';
import { type MetadataClass, metadataClasses } from './metadata-classes.ts';
import { decoderSays, ImageRejected } from './rejection.ts';

/** What the decoder reads without decoding. Pixels are as stored, before orientation is applied. */
export type Header = {
  type: ImageType;
  width: number;
  height: number;
  /** 1 unless it is an animation. */
  frames: number;
  /** EXIF's, 1 to 8, where it is for us to apply. */
  orientation?: number | undefined;
  /** The colour profile that the pixels are in; absent: sRGB. */
  icc?: Buffer | undefined;
  /** Milliseconds of each frame. */
  delay?: number[] | undefined;
  /** How often an animation plays; 0: for ever. */
  loop?: number | undefined;
  /** What the file tells beside its picture. */
  metadata: MetadataClass[];
};

/** @throws {ImageRejected} `corrupt` when no decoder of ours takes it for an image */
export async function readHeader(bytes: Uint8Array): Promise<Header> {
  // Our own limits come next, with a better answer than the decoder's.
  const header = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((error: Error) => {
      if (promisesTooMuch(bytes, error)) {
        throw new ImageRejected(
          'too_many_pixels',
          'It promises more pixels along a side than any decoder takes.',
        );
      }
      throw new ImageRejected('corrupt', `Its header can't be read: ${decoderSays(error)}`);
    });
  const type = typeOf(header, bytes);
  if (!type) throw new ImageRejected('type_not_allowed', `It is ${header.mediaType ?? header.format}.`);
  const animated = (type === 'image/gif' || type === 'image/webp') && (header.pages ?? 1) > 1;
  return {
    type,
    width: header.width,
    // Pages of a HEIF container are pictures of their own, of which the primary one counts.
    height: animated ? (header.pageHeight ?? header.height) : header.height,
    frames: animated ? (header.pages ?? 1) : 1,
    orientation: header.orientation,
    icc: header.icc,
    metadata: metadataClasses(header, bytes),
    ...(animated ? { delay: header.delay, loop: header.loop } : {}),
  };
}

const TYPE_OF_FORMAT: Partial<Record<string, ImageType>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
};

function typeOf({ format, compression }: Metadata, bytes: Uint8Array): ImageType | undefined {
  if (format === 'heif') return compression === 'av1' || holdsAv1(bytes) ? 'image/avif' : 'image/heic';
  return TYPE_OF_FORMAT[format];
}

/** Pixels of a side that libpng takes at most, and that PNG has room for; a header that says more is broken. */
const LIBPNG_SIDE = 1_000_000;
const PNG_SIDE = 2 ** 31 - 1;

/**
 * Whether a decoder gave up at the size that the header promises: libjpeg-turbo says so; libpng only says that it
 * gave up, so that its IHDR chunk (W3C PNG, section 11.2.1) is looked at, if its checksum is right.
 */
function promisesTooMuch(bytes: Uint8Array, error: Error): boolean {
  if (/Maximum supported image dimension/.test(error.message)) return true;
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (png.length < 33 || png.toString('latin1', 12, 16) !== 'IHDR') return false;
  if (crc32(png.subarray(12, 29)) !== png.readUInt32BE(29)) return false;
  const side = Math.max(png.readUInt32BE(16), png.readUInt32BE(20));
  return side > LIBPNG_SIDE && side <= PNG_SIDE;
}
