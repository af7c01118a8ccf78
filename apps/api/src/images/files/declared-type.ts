import { extname } from 'node:path';
import { uploadType } from '../upload-types.ts';

/** Types by a file name's ending, for clients that tell no type. */
const BY_ENDING: Record<string, string> = {
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.avif': 'image/avif',
  '.heic': 'image/heic',
  '.heif': 'image/heif',
};

/** Types that say nothing: bytes, and what a part without a type is taken for (RFC 7578, section 4.4). */
const UNTOLD = ['application/octet-stream', 'text/plain'];

/** What a client declares a file to be, or undefined if that can be no upload. The worker finds out whether it is true. */
export function declaredType(file: { contentType: string; filename: string }): string | undefined {
  const type = file.contentType.toLowerCase();
  if (UNTOLD.includes(type)) return BY_ENDING[extname(file.filename).toLowerCase()];
  return uploadType(type);
}
