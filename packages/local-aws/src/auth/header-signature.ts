import { AwsError, accessDenied, invalidRequest } from '../errors.ts';
import { type Authentication, type Expected, type Unverified, unsupportedMechanism } from './authenticate.ts';
import { ALGORITHM, checkScope, MAX_SKEW_MS, parseTimestamp } from './sigv4.ts';
import { verifyRequest } from './verify-request.ts';

/** Verifies a request that is signed in its Authorization header. */
export function headerSignature(
  request: Unverified,
  authorization: string,
  expected: Expected,
  bodyHash: string | undefined,
): Authentication {
  const malformed = (message: string) => new AwsError(400, 'AuthorizationHeaderMalformed', message);
  if (!authorization.startsWith(ALGORITHM)) throw unsupportedMechanism();
  const part = (name: string) => new RegExp(`${name}=([^,\\s]+)`).exec(authorization)?.[1];
  const [credential, signedHeaders, signature] = [
    part('Credential'),
    part('SignedHeaders'),
    part('Signature'),
  ];
  if (!credential || !signedHeaders || !signature) {
    throw malformed('The authorization header must have Credential, SignedHeaders and Signature.');
  }
  const scope = checkScope(credential, expected, malformed);
  const user = expected.users.byAccessKey(scope.accessKeyId);

  const timestamp = request.headers['x-amz-date'] ?? '';
  const signedAt = parseTimestamp(timestamp);
  if (!timestamp.startsWith(scope.date) || Number.isNaN(signedAt)) {
    throw accessDenied('AWS authentication requires a valid x-amz-date header of the credential’s day.');
  }
  if (Math.abs(Date.now() - signedAt) > MAX_SKEW_MS) {
    throw new AwsError(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      {
        RequestTime: timestamp,
        ServerTime: new Date().toISOString(),
        MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
      },
    );
  }
  const payloadHash = request.headers['x-amz-content-sha256'] ?? bodyHash;
  if (payloadHash === undefined)
    throw invalidRequest('Missing required header for this request: x-amz-content-sha256');
  verifyRequest(
    user,
    scope,
    { ...request, signedHeaders: signedHeaders.split(';'), payloadHash, timestamp },
    signature,
  );
  return { caller: user, payloadHash };
}
