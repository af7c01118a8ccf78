import { AwsError, accessDenied } from '../errors.ts';
import { type Authentication, type Expected, UNSIGNED_PAYLOAD, type Unverified } from './authenticate.ts';
import { ALGORITHM, checkScope, MAX_SKEW_MS, parseTimestamp } from './sigv4.ts';
import { verifyRequest } from './verify-request.ts';

/** SigV4's own limit for presigned URLs. */
const MAX_EXPIRES_SECONDS = 7 * 24 * 60 * 60;

/** Verifies a presigned URL. */
export function querySignature(request: Unverified, expected: Expected): Authentication {
  const malformed = (message: string) => new AwsError(400, 'AuthorizationQueryParametersError', message);
  const query = new URLSearchParams(request.query);
  const parameter = (name: string) => {
    const value = query.get(name);
    if (value) return value;
    throw malformed(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  };
  if (parameter('X-Amz-Algorithm') !== ALGORITHM)
    throw malformed(`X-Amz-Algorithm only supports "${ALGORITHM}"`);
  const signature = parameter('X-Amz-Signature');
  const signedHeaders = parameter('X-Amz-SignedHeaders').split(';');
  const timestamp = parameter('X-Amz-Date');
  const expires = parameter('X-Amz-Expires');
  const scope = checkScope(parameter('X-Amz-Credential'), expected, (message) =>
    malformed(`Error parsing the X-Amz-Credential parameter; ${message}`),
  );
  const user = expected.users.byAccessKey(scope.accessKeyId);

  if (!/^\d+$/.test(expires) || Number(expires) < 1 || Number(expires) > MAX_EXPIRES_SECONDS) {
    throw malformed(`X-Amz-Expires must be a number of seconds from 1 to ${MAX_EXPIRES_SECONDS}`);
  }
  const signedAt = parseTimestamp(timestamp);
  if (Number.isNaN(signedAt))
    throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (!timestamp.startsWith(scope.date)) throw malformed('X-Amz-Date is not of the day in X-Amz-Credential');
  if (signedAt - Date.now() > MAX_SKEW_MS) throw accessDenied('Request is not valid yet');
  const expiry = signedAt + Number(expires) * 1000;
  if (expiry <= Date.now()) {
    throw accessDenied('Request has expired', {
      'X-Amz-Expires': expires,
      Expires: new Date(expiry).toISOString(),
      ServerTime: new Date().toISOString(),
    });
  }
  const payloadHash =
    query.get('X-Amz-Content-Sha256') ?? request.headers['x-amz-content-sha256'] ?? UNSIGNED_PAYLOAD;
  query.delete('X-Amz-Signature');
  verifyRequest(user, scope, { ...request, query, signedHeaders, payloadHash, timestamp }, signature);
  return { caller: user, payloadHash };
}
