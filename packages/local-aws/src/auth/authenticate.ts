import { AwsError, accessDenied, invalidRequest, notImplemented } from '../errors.ts';
import {
  ALGORITHM,
  type CredentialScope,
  checkSignature,
  parseCredential,
  parseTimestamp,
  type SignedRequest,
} from './sigv4.ts';
import type { Caller, LocalUser, Users } from './users.ts';

/** How far a client's clock may be off, in either direction. */
const MAX_SKEW_MS = 15 * 60 * 1000;
/** SigV4's own limit for presigned URLs. */
const MAX_EXPIRES_SECONDS = 7 * 24 * 60 * 60;

export type Authentication = {
  caller: Caller;
  /** Hex SHA-256 that the body must have, or one of S3's words for a body that isn't hashed. */
  payloadHash: string;
};

type Unverified = {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
};

export type Expected = { service: 's3' | 'sqs'; region: string; users: Users };

/**
 * Who makes a request, by its Authorization header or, in a presigned URL, by its query.
 * Without either it is nobody.
 * @param bodyHash hex SHA-256 of the body, where the service's clients need not send it in a header
 * @throws {AwsError} for a signature that doesn't hold
 */
export function authenticate(request: Unverified, expected: Expected, bodyHash?: string): Authentication {
  const { query, headers } = request;
  if (headers.authorization !== undefined)
    return byHeader(request, headers.authorization, expected, bodyHash);
  if (query.has('X-Amz-Algorithm') || query.has('X-Amz-Signature')) return byQuery(request, expected);
  if (query.has('AWSAccessKeyId')) throw unsupportedMechanism();
  return { caller: undefined, payloadHash: headers['x-amz-content-sha256'] ?? UNSIGNED };
}

const UNSIGNED = 'UNSIGNED-PAYLOAD';

const unsupportedMechanism = () =>
  invalidRequest(
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  );

function byHeader(
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
  verify(
    user,
    scope,
    { ...request, signedHeaders: signedHeaders.split(';'), payloadHash, timestamp },
    signature,
  );
  return { caller: user, payloadHash };
}

function byQuery(request: Unverified, expected: Expected): Authentication {
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
    query.get('X-Amz-Content-Sha256') ?? request.headers['x-amz-content-sha256'] ?? UNSIGNED;
  query.delete('X-Amz-Signature');
  verify(user, scope, { ...request, query, signedHeaders, payloadHash, timestamp }, signature);
  return { caller: user, payloadHash };
}

function checkScope(
  credential: string,
  { service, region }: Expected,
  malformed: (message: string) => AwsError,
): CredentialScope {
  const scope = parseCredential(credential);
  if (!scope) {
    throw malformed(
      'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
    );
  }
  if (scope.region !== region)
    throw malformed(`the region '${scope.region}' is wrong; expecting '${region}'`);
  if (scope.service !== service) {
    throw malformed(`incorrect service "${scope.service}". This endpoint belongs to "${service}".`);
  }
  return scope;
}

function verify(user: LocalUser, scope: CredentialScope, request: SignedRequest, signature: string): void {
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
