import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import type { Image } from '@s3-image-app/db';
import { quarantineKey } from '@s3-image-app/infra';
import { RetryableFailure, TerminalFailure } from '../failures.ts';
import type { Bucket } from './bucket.ts';
import { originalExists } from './list-originals.ts';

type Expected = Pick<Image, 'id' | 'declaredSize' | 'maxBytes' | 'sha256'>;

/** How often a form that is posted again and again may pull the original away from under us. */
const MAX_OVERWRITES = 3;

/**
 * Reads the original once, whole; undefined when there is none. Its length is held against the row before a byte
 * is read (an upload in parts has no length range), and only the object that was asked about is read.
 * @throws {TerminalFailure} `empty`, `too_large`, `size_mismatch` or `checksum_mismatch`
 */
export async function fetchOriginal(
  bucket: Bucket,
  image: Expected,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  for (let overwrites = 0; overwrites < MAX_OVERWRITES; overwrites++) {
    try {
      const original = await readOnce(bucket, image, signal);
      if (image.sha256 && createHash('sha256').update(original).digest('base64') !== image.sha256) {
        throw new TerminalFailure('checksum_mismatch', 'Its SHA-256 is not the one that was declared.');
      }
      return original;
    } catch (error) {
      const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
      if (status === 412) continue;
      if (status !== 403 && status !== 404) throw error;
      // Without the right to list the whole bucket, a key that isn't there is answered with 403 like one that is
      // forbidden. The list of the quarantine tells them apart.
      if (!(await originalExists(bucket, image.id, signal))) return undefined;
      throw new RetryableFailure(
        'S3 refuses to read an original that is there: see the policy of the worker',
        error,
      );
    }
  }
  throw new RetryableFailure('The original is overwritten faster than it can be read');
}

async function readOnce({ s3, name: Bucket }: Bucket, image: Expected, signal: AbortSignal): Promise<Buffer> {
  const object = { Bucket, Key: quarantineKey(image.id) };
  const options = { abortSignal: signal };
  const { ContentLength: length = 0, ETag } = await s3.send(new HeadObjectCommand(object), options);
  assertLength(length, image);
  const { Body } = await s3.send(new GetObjectCommand({ ...object, IfMatch: ETag }), options);
  if (!Body) throw new RetryableFailure('S3 answered without a body');
  const original = Buffer.allocUnsafe(length);
  let filled = 0;
  for await (const chunk of Body as AsyncIterable<Buffer>) {
    // `set` throws past the end: not a byte more than HEAD told is taken.
    original.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled !== length) throw new RetryableFailure(`S3 sent ${filled} of ${length} bytes`);
  return original;
}

function assertLength(length: number, { declaredSize, maxBytes }: Expected): void {
  if (length === 0) throw new TerminalFailure('empty', 'It has no bytes.');
  if (length > maxBytes) {
    throw new TerminalFailure('too_large', `It has ${length} bytes; at most ${maxBytes} are allowed.`);
  }
  if (declaredSize !== null && length !== declaredSize) {
    throw new TerminalFailure('size_mismatch', `It has ${length} bytes, declared as ${declaredSize}.`);
  }
}
