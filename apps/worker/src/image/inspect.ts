import { detectType } from './detect-type.ts';
import { gifFacts } from './gif.ts';
import { assertWithinLimits, type Limits } from './limits.ts';
import { type Header, readHeader } from './read-header.ts';
import { ImageRejected } from './rejection.ts';

/**
 * Decides from the bytes what an upload is, without decoding it: the magic number, then the decoder's own
 * header; both must agree with each other and with what the client declared.
 * @throws {ImageRejected}
 */
export async function inspect(bytes: Uint8Array, declaredType: string, limits: Limits): Promise<Header> {
  const candidates = await detectType(bytes);
  const header = await readHeader(bytes);
  if (!candidates.includes(header.type)) {
    throw new ImageRejected(
      'type_mismatch',
      `It begins like ${candidates.join(' or ')} and goes on like ${header.type}.`,
    );
  }
  const declared = plainType(declaredType);
  // HEIF is the container: a name for HEIC, and for AVIF where its brand says no more than that.
  const agrees = declared === 'image/heif' ? candidates.includes('image/heic') : declared === header.type;
  if (!agrees) {
    throw new ImageRejected('type_mismatch', `It is ${header.type}, declared as ${declaredType}.`);
  }
  assertWithinLimits(header, limits);
  if (header.type === 'image/gif' && gifFacts(bytes).cutShort) {
    throw new ImageRejected('corrupt', 'It is cut short: it ends in the middle of a block.');
  }
  return header;
}

/** The declared media type without parameters. */
const plainType = (declared: string): string => declared.split(';', 1)[0]?.trim().toLowerCase() ?? '';
