import { AwsError, entityTooLarge, entityTooSmall } from '../errors.ts';
import { incompleteBody } from './aws-chunked.ts';
import type { Body } from './body.ts';
import {
  badDigest,
  type Checksum,
  checksumHeader,
  claimedChecksum,
  claimedMd5,
  createDigest,
  type Digest,
} from './checksums.ts';

export type Measured = {
  size: number;
  md5: Buffer;
  /** `x-amz-checksum-…` → base64, confirmed; empty where the client claimed none. */
  checksums: Record<string, string>;
};

/**
 * Passes a body's bytes on and measures them; what is too long is cut off where it becomes so. `finish` then
 * checks everything that the client claimed of them.
 * @param limits in bytes, both ends included
 * @throws {AwsError} EntityTooLarge, EntityTooSmall, IncompleteBody, BadDigest, XAmzContentSHA256Mismatch, …
 */
export function meter(body: Body, limits: { min: number; max: number }) {
  const checksum = claimedChecksum(body.headers);
  const md5 = claimedMd5(body.headers);
  if (body.length !== undefined && body.length > limits.max) throw entityTooLarge(body.length, limits.max);

  const names = new Set([
    'md5',
    ...(body.sha256 ? ['sha256'] : []),
    ...(checksum ? [checksum.algorithm] : []),
  ]);
  const digests = new Map<string, Digest>([...names].map((name) => [name, createDigest(name)]));
  let size = 0;
  return {
    async *bytes(): AsyncGenerator<Buffer> {
      for await (const chunk of body.bytes) {
        size += chunk.length;
        if (size > limits.max) throw entityTooLarge(size, limits.max);
        for (const digest of digests.values()) digest.update(chunk);
        yield chunk;
      }
    },
    finish(): Measured {
      if (body.length !== undefined && size !== body.length) throw incompleteBody();
      if (size < limits.min) throw entityTooSmall(size, limits.min);
      const results = new Map([...digests].map(([name, digest]) => [name, digest.digest()]));
      if (body.sha256 && results.get('sha256')?.toString('hex') !== body.sha256)
        throw contentSha256Mismatch();
      const computed = results.get('md5') ?? Buffer.alloc(0);
      if (md5 && !md5.equals(computed)) throw badDigest('Content-MD5');
      return { size, md5: computed, checksums: checksum ? confirm(checksum, body.trailers, results) : {} };
    },
  };
}

function confirm(
  { algorithm, value }: Checksum,
  trailers: Record<string, string> = {},
  results: Map<string, Buffer>,
): Record<string, string> {
  const header = checksumHeader(algorithm);
  const computed = results.get(algorithm)?.toString('base64') ?? '';
  if ((value ?? trailers[header]) !== computed) throw badDigest(algorithm.toUpperCase());
  return { [header]: computed };
}

export const contentSha256Mismatch = () =>
  new AwsError(
    400,
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  );
