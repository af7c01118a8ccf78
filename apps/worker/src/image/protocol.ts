import type { OutputSettings, Rendition, Renditions } from './convert.ts';
import type { Frame } from './frames.ts';
import type { Limits } from './limits.ts';
import { METADATA_CLASSES, type MetadataClass } from './metadata-classes.ts';
import { IMAGE_REJECTIONS, ImageRejected, type ImageRejectionCode } from './rejection.ts';

/** What the worker asks an image process; the frame's body is the original. */
export type Request = { declaredType: string; limits: Limits; output: OutputSettings };

/** Its answer; the frame's body is the renditions one after the other, the main one first. */
export type Reply =
  | { rejected: { code: ImageRejectionCode; detail: string } }
  | { failed: string }
  | {
      rendered: {
        files: FileEntry[];
        thumbhash: string;
        placeholder: string;
        removedMetadata: MetadataClass[];
      };
    };
export type FileEntry = { bytes: number; width: number; height: number };

/** A reply that no honest image process gives. */
export class BadReply extends Error {}

/** The image process failed at no fault of the image's, and lived to tell. */
export class ImageProcessFailed extends Error {
  override readonly name = 'ImageProcessFailed';
}

/**
 * Takes an answer apart and believes nothing of it: a hostile image may be what speaks.
 * @throws {ImageRejected} the image process's verdict
 * @throws {BadReply} when the answer is not one that our own code gives
 * @throws {ImageProcessFailed}
 */
export function openReply({ header, body }: Frame): Renditions {
  if (!isObject(header)) throw new BadReply('not an object');
  if (isObject(header.rejected)) {
    const code = IMAGE_REJECTIONS.find((known) => known === (header.rejected as { code?: unknown }).code);
    if (!code) throw new BadReply('an unknown code');
    throw new ImageRejected(code, plainText(header.rejected.detail, 300));
  }
  if ('failed' in header) throw new ImageProcessFailed(plainText(header.failed, 1_000));
  const { rendered } = header;
  if (!isObject(rendered) || !Array.isArray(rendered.files)) throw new BadReply('no renditions');
  const [main, ...variants] = cut(body, rendered.files);
  if (!main) throw new BadReply('no main rendition');
  return {
    main,
    variants,
    thumbhash: matching(rendered.thumbhash, /^[A-Za-z0-9+/]{4,60}={0,2}$/),
    placeholder: matching(rendered.placeholder, /^data:image\/webp;base64,[A-Za-z0-9+/]{4,4000}={0,2}$/),
    removedMetadata: METADATA_CLASSES.filter((each) => listed(rendered.removedMetadata).includes(each)),
  };
}

function listed(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new BadReply('no list of metadata');
  return value;
}

function cut(body: Buffer, files: unknown[]): Rendition[] {
  let at = 0;
  const renditions = files.map((file): Rendition => {
    if (!isObject(file)) throw new BadReply('a rendition that is none');
    const length = positive(file.bytes);
    const bytes = body.subarray(at, at + length);
    at += length;
    if (bytes.length !== length || !isWebp(bytes)) throw new BadReply('a rendition that is no WebP');
    return { bytes, width: positive(file.width), height: positive(file.height) };
  });
  if (at !== body.length) throw new BadReply('bytes beyond the renditions');
  return renditions;
}

/** RIFF header (WebP container specification): its length covers the file to the last byte. */
const isWebp = (bytes: Buffer): boolean =>
  bytes.length > 12 &&
  bytes.toString('latin1', 0, 4) === 'RIFF' &&
  bytes.toString('latin1', 8, 12) === 'WEBP' &&
  bytes.readUInt32LE(4) === bytes.length - 8;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function positive(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) {
    throw new BadReply(`${value} for a positive number`);
  }
  return value;
}

function matching(value: unknown, pattern: RegExp): string {
  if (typeof value !== 'string' || !pattern.test(value)) throw new BadReply('an ill-formed preview');
  return value;
}

/** Text that a database and a page can take: printable, on one line, at most `length` characters. */
const plainText = (value: unknown, length: number): string =>
  String(value)
    .replace(/[\p{C}\s]+/gu, ' ')
    .slice(0, length);
