import type { Readable } from 'node:stream';
import { AwsError, invalidRequest, notImplemented } from '../errors.ts';
import { headersOf, type S3Request } from '../s3/request.ts';
import { decodeAwsChunked } from './aws-chunked.ts';

export type Body = {
  bytes: AsyncIterable<Buffer>;
  /** How many bytes the client announced; absent for a form's file, whose length nothing announces. */
  length?: number;
  /** Headers of the request (a form: its fields), lower-case: what they claim of the bytes is checked. */
  headers: Record<string, string>;
  /** Hex SHA-256 that the signature covers. */
  sha256?: string;
  /** Headers that came behind the bytes; complete once those have ended. */
  trailers?: Record<string, string>;
};

/** A stream's bytes. Who stops reading early leaves the stream open: on a request's, the answer must still go out. */
export const bytesOf = (stream: Readable): AsyncIterable<Buffer> =>
  stream.iterator({ destroyOnReturn: false });

/**
 * The body of a request. `payloadHash` (x-amz-content-sha256) says how its signature covers it.
 * @throws {AwsError} for a body without a length, or with a kind of signature that isn't verified here
 */
export function bodyOf(request: S3Request, payloadHash: string): Body {
  const headers = headersOf(request);
  const bytes = bytesOf(request.incoming);
  const length = contentLength(headers['content-length']);
  if (/^[0-9a-f]{64}$/.test(payloadHash)) return { bytes, headers, length, sha256: payloadHash };
  if (payloadHash === 'UNSIGNED-PAYLOAD') return { bytes, headers, length };
  if (payloadHash === 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') {
    const trailers: Record<string, string> = {};
    const decodedLength = contentLength(headers['x-amz-decoded-content-length']);
    return { bytes: decodeAwsChunked(bytes, trailers), headers, length: decodedLength, trailers };
  }
  if (payloadHash.startsWith('STREAMING-')) throw notImplemented(`x-amz-content-sha256: ${payloadHash}`);
  throw invalidRequest(
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value.',
  );
}

function contentLength(value: string | undefined): number {
  if (value === undefined) {
    throw new AwsError(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (!/^\d+$/.test(value)) throw invalidRequest('Content-Length must be a number of bytes.');
  return Number(value);
}
