import { invalidRequest } from '../errors.ts';
import { headerSignature } from './header-signature.ts';
import { querySignature } from './query-signature.ts';
import type { ServiceScope } from './sigv4.ts';
import type { Caller, Users } from './users.ts';

export type Authentication = {
  caller: Caller;
  /** Hex SHA-256 that the body must have, or one of S3's words for a body that isn't hashed. */
  payloadHash: string;
};

/** A request as it came: nothing of it is believed yet. */
export type Unverified = {
  method: string;
  /** Percent-encoded as it was signed. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
};

export type Expected = ServiceScope & { users: Users };

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

/**
 * Who makes a request, by its Authorization header or, in a presigned URL, by its query.
 * Without either it is nobody.
 * @param bodyHash hex SHA-256 of the body, where the service's clients need not send it in a header
 * @throws {AwsError} for a signature that doesn't hold
 */
export function authenticate(request: Unverified, expected: Expected, bodyHash?: string): Authentication {
  const { query, headers } = request;
  if (headers.authorization !== undefined) {
    return headerSignature(request, headers.authorization, expected, bodyHash);
  }
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) return querySignature(request, expected);
  if (query.has('AWSAccessKeyId')) throw unsupportedMechanism();
  return { caller: undefined, payloadHash: headers['x-amz-content-sha256'] ?? UNSIGNED_PAYLOAD };
}

export const unsupportedMechanism = () =>
  invalidRequest(
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  );
