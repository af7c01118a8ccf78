import sharp, { type Sharp } from 'sharp';
import { isSrgb } from './is-srgb.ts';
import type { Pixels } from './pixels.ts';
import type { Header } from './read-header.ts';
import { decoderSays, ImageRejected } from './rejection.ts';
import { turnFrames } from './turn-frames.ts';

/**
 * Decodes an inspected image once: upright, in sRGB, all frames of an animation, made to fit a square of
 * `maxSide` pixels but never enlarged.
 * @throws {ImageRejected} `corrupt`
 */
export async function decode(bytes: Uint8Array, header: Header, maxSide: number): Promise<Pixels> {
  const source =
    header.type === 'image/heic'
      ? sharp(await decodeHeic(bytes, header, maxSide))
      : header.frames > 1
        ? openStrictly(bytes, header)
        : openStrictly(bytes, header).autoOrient();
  const { data, info } = await source
    .resize(maxSide, maxSide, { fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: Error) => {
      throw new ImageRejected('corrupt', `It can't be decoded: ${decoderSays(error)}`);
    });
  const pixels: Pixels = {
    data,
    width: info.width,
    height: info.pageHeight ?? info.height,
    channels: info.channels,
    frames: info.pages ?? 1,
    delay: header.delay,
    loop: header.loop,
  };
  return header.frames > 1 ? turnFrames(pixels, header.orientation) : pixels;
}

/** Loaded at the first HEIC file: its WebAssembly costs time and memory that other images need not pay for. */
const decodeHeic: typeof import('./decode-heic.ts').decodeHeic = async (...job) =>
  (await import('./decode-heic.ts')).decodeHeic(...job);

/**
 * `failOn: 'warning'` refuses what a decoder only warns of, such as a file cut short, whose missing rows
 * would else be shown grey. A few slightly broken camera files go with it.
 */
const openStrictly = (bytes: Uint8Array, { width, height, frames, icc }: Header): Sharp =>
  sharp(bytes, {
    failOn: 'warning',
    // What was inspected, and no pixel more.
    limitInputPixels: width * height * frames,
    animated: frames > 1,
    ignoreIcc: icc !== undefined && isSrgb(icc),
  });
