import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Store } from '../store/store.ts';
import type { Stored } from '../store/types.ts';
import type { Body } from './body.ts';
import { meter } from './meter.ts';

/** S3's limit for one PUT, POST or part. */
const MAX_OBJECT_BYTES = 5 * 1024 ** 3;
/** The longest XML or JSON document. S3's longest, 1,000 keys to delete, is below. */
const MAX_DOCUMENT_BYTES = 2 * 1024 ** 2;

/**
 * Writes a body to disk as it comes in. One that isn't as announced or as claimed leaves nothing behind.
 * @param limits in bytes, both ends included
 * @throws {AwsError} see {@link meter}
 */
export async function receive(
  store: Store,
  body: Body,
  limits: { min: number; max: number } = { min: 0, max: MAX_OBJECT_BYTES },
): Promise<Stored> {
  const { bytes, finish } = meter(body, limits);
  const { blob, path } = store.newBlob();
  try {
    await pipeline(bytes, createWriteStream(path));
    const { size, md5, checksums } = finish();
    return { blob, size, etag: md5.toString('hex'), lastModified: new Date().toISOString(), checksums };
  } catch (error) {
    store.dropBlob(blob);
    throw error;
  }
}

/** Reads a document into memory. @throws {AwsError} see {@link meter} */
export async function receiveText(body: Body): Promise<string> {
  const { bytes, finish } = meter(body, { min: 0, max: MAX_DOCUMENT_BYTES });
  const chunks: Buffer[] = [];
  for await (const chunk of bytes()) chunks.push(chunk);
  finish();
  return Buffer.concat(chunks).toString('utf8');
}
