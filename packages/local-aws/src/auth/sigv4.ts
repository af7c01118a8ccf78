import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { getCanonicalHeaders, getCanonicalQuery } from '@smithy/signature-v4';
import { AwsError } from '../errors.ts';
import { uriEncode } from '../s3/request.ts';

/**
 * Signature Version 4 of a request, as
 * docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html describes it: a canonical
 * form of the request is hashed and signed with a key that is derived for one day, region and service. The server
 * derives the same key and compares.
 */
export type CredentialScope = {
  accessKeyId: string;
  /** YYYYMMDD */
  date: string;
  region: string;
  service: string;
};

/** What a signature must be for. */
export type ServiceScope = { service: 's3' | 'sqs'; region: string };

export type SignedRequest = {
  method: string;
  /** Percent-encoded as signed. */
  path: string;
  query: URLSearchParams;
  headers: Record<string, string>;
  signedHeaders: string[];
  /** Hex SHA-256 of the body, or one of S3's words for a body that isn't hashed. */
  payloadHash: string;
  /** YYYYMMDD'T'HHMMSS'Z' */
  timestamp: string;
};

export const ALGORITHM = 'AWS4-HMAC-SHA256';

/** How far a client's clock may be off, in either direction. */
export const MAX_SKEW_MS = 15 * 60 * 1000;

/** `AKID/YYYYMMDD/REGION/SERVICE/aws4_request`; undefined for anything else. */
export function parseCredential(credential: string): CredentialScope | undefined {
  const match = /^(.+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential);
  const [, accessKeyId, date, region, service] = match ?? [];
  return accessKeyId && date && region && service ? { accessKeyId, date, region, service } : undefined;
}

/**
 * The scope of a credential, for this service and region.
 * @param malformed makes the error of the place where the credential stands
 * @throws what `malformed` makes
 */
export function checkScope(
  credential: string,
  { service, region }: ServiceScope,
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

/** Milliseconds since 1970 of `YYYYMMDD'T'HHMMSS'Z'`, NaN for anything else. */
export const parseTimestamp = (timestamp: string): number =>
  Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

export const sign = (secret: string, scope: CredentialScope, stringToSign: string): string => {
  const parts = [scope.date, scope.region, scope.service, 'aws4_request', stringToSign];
  const signature = parts.reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${secret}`),
  );
  return signature.toString('hex');
};

/** Compares in a time that tells nothing of where the two differ. */
export function sameSignature(given: string, computed: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(computed)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** @throws {AwsError} SignatureDoesNotMatch, with what was signed here: that shows where a client went wrong */
export function checkSignature(
  secret: string,
  scope: CredentialScope,
  request: SignedRequest,
  signature: string,
): void {
  const canonicalRequest = canonicalize(request);
  const stringToSign = [
    ALGORITHM,
    request.timestamp,
    `${scope.date}/${scope.region}/${scope.service}/aws4_request`,
    createHash('sha256').update(canonicalRequest).digest('hex'),
  ].join('\n');
  if (sameSignature(signature, sign(secret, scope, stringToSign))) return;
  throw signatureDoesNotMatch({
    AWSAccessKeyId: scope.accessKeyId,
    StringToSign: stringToSign,
    SignatureProvided: signature,
    CanonicalRequest: canonicalRequest,
  });
}

export const signatureDoesNotMatch = (details: Record<string, string>) =>
  new AwsError(
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    details,
  );

function canonicalize({ method, path, query, headers, signedHeaders, payloadHash }: SignedRequest): string {
  const names = new Set(signedHeaders);
  const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => names.has(name)));
  // The second argument leaves nothing out, the third lets in what smithy's own signer never signs.
  const canonicalHeaders = getCanonicalHeaders(
    { headers: signed, method, path, protocol: 'http:', hostname: '' },
    undefined,
    names,
  );
  return [
    method,
    path,
    getCanonicalQuery({ query: toBag(query), headers: {}, method, path, protocol: 'http:', hostname: '' }),
    ...signedHeaders.map((name) => `${name}:${canonicalHeaders[name] ?? ''}`),
    '',
    signedHeaders.join(';'),
    payloadHash,
  ].join('\n');
}

function toBag(query: URLSearchParams): Record<string, string | string[]> {
  const bag: Record<string, string | string[]> = Object.create(null);
  for (const name of query.keys()) {
    const values = query.getAll(name);
    bag[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return bag;
}

/** The path as S3's signers encode it: each segment once. Clients differ in what they leave bare on the wire. */
export function canonicalS3Path(path: string): string {
  return path
    .split('/')
    .map((segment) => uriEncode(decodeURIComponent(segment)))
    .join('/');
}
