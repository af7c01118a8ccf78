import { createReadStream } from 'node:fs';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Image } from '@s3-image-app/db';
import { quarantineKey } from '@s3-image-app/infra';
import { storageUnavailable } from '../../plugins/problem-details.ts';
import type { ImagesDeps } from '../deps.ts';
import type { ReceivedFile } from './receive-form.ts';

/** Milliseconds that S3 may owe us something. Whoever waits is to be told within two seconds that it is down. */
const PATIENCE = 1_500;

/**
 * Puts a received file to quarantine. S3 compares the hash: what arrives is what the caller sent.
 *
 * No time is set for the whole, which depends on the file and the line. What S3 owes has its time: to take the next
 * piece of the body, and to answer once it has all. Before a body of 2 MiB or more the SDK waits for `100 Continue`
 * (RFC 9110, 10.1.1), so there the first thing owed is that. The system's buffers on the way take some MB at once, and
 * what is in them counts as taken: 5 MiB to a store on the same machine need one that takes 3.5 MB/s.
 * @throws {Problem} storage_unavailable; and the SDK's error where S3 has refused
 */
export async function putOriginal(
  { s3, config }: Pick<ImagesDeps, 's3' | 'config'>,
  image: Pick<Image, 'id' | 'contentType'>,
  file: Pick<ReceivedFile, 'path' | 'size' | 'sha256'>,
): Promise<void> {
  const end = new AbortController();
  const owed = setTimeout(() => end.abort(new Error(`S3 was silent for ${PATIENCE} ms`)), PATIENCE);
  const body = createReadStream(file.path)
    // Until the SDK pipes it, or the first pieces would reach none but the listener for them.
    .pause()
    .on('data', () => owed.refresh())
    // The SDK does not listen for it, and the file goes when its caller does.
    .on('error', (error) => end.abort(error));
  const command = new PutObjectCommand({
    Bucket: config.S3_BUCKET,
    Key: quarantineKey(image.id),
    Body: body,
    ContentLength: file.size,
    ContentType: image.contentType,
    ChecksumSHA256: file.sha256,
  });
  try {
    await s3.send(command, { abortSignal: end.signal });
  } catch (cause) {
    if (cause instanceof Error && '$response' in cause) throw cause;
    throw storageUnavailable(cause);
  } finally {
    clearTimeout(owed);
    body.destroy();
  }
}
