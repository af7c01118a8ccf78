import { accessDenied, notImplemented } from '../errors.ts';
import { type CredentialScope, checkSignature, type SignedRequest } from './sigv4.ts';
import type { LocalUser } from './users.ts';

/**
 * Verifies what both kinds of signed requests have in common: that every header which matters is signed, and that
 * the signature holds.
 * @throws {AwsError}
 */
export function verifyRequest(
  user: LocalUser,
  scope: CredentialScope,
  request: SignedRequest,
  signature: string,
): void {
  const { headers, signedHeaders, query } = request;
  if ('x-amz-security-token' in headers || query.has('X-Amz-Security-Token')) {
    throw notImplemented('session tokens');
  }
  const unsigned = Object.keys(headers).filter(
    (name) => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name),
  );
  if (unsigned.length > 0) {
    throw accessDenied('There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    });
  }
  checkSignature(user.secretAccessKey, scope, request, signature);
}
