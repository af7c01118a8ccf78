import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AwsError } from '../errors.ts';

/** One S3 request, path style: `/BUCKET/KEY?QUERY`. */
export type S3Request = {
  incoming: IncomingMessage;
  /** Goes back in x-amz-request-id and in error documents. */
  id: string;
  method: string;
  /** As sent: percent-encoded, without the query. */
  path: string;
  /** Empty for a request to the service itself. */
  bucket: string;
  /** Empty for a request to a bucket. Decoded. */
  key: string;
  query: URLSearchParams;
  /** The host and port that the client named. */
  host: string;
};

/** S3's own limit, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/** @throws {AwsError} for a path that names no key */
export function parseRequest(incoming: IncomingMessage): S3Request {
  // Not by `URL`, which resolves `..` and `.`: they are legal parts of a key.
  const [path = '/', query = ''] = (incoming.url ?? '/').split(/\?(.*)/s, 2);
  const slash = path.indexOf('/', 1);
  const bucket = decode(slash === -1 ? path.slice(1) : path.slice(1, slash));
  const key = slash === -1 ? '' : decode(path.slice(slash + 1));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw new AwsError(400, 'KeyTooLongError', 'Your key is too long', {
      Size: String(Buffer.byteLength(key)),
      MaxSizeAllowed: String(MAX_KEY_BYTES),
    });
  }
  return {
    incoming,
    id: randomBytes(8).toString('hex').toUpperCase(),
    method: incoming.method ?? 'GET',
    path,
    bucket,
    key,
    query: new URLSearchParams(query),
    host: incoming.headers.host ?? 'localhost',
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new AwsError(400, 'InvalidURI', "Couldn't parse the specified URI.", { URI: text });
  }
}

/** Query parameters that carry the signature of a presigned URL, and nothing else. */
const SIGNING_PARAMETERS =
  /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256)$/i;

/** The headers as they came, lower-case; one that came twice is joined by commas. */
export function plainHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  }
  return headers;
}

/**
 * The request's headers, lower-case. A presigned URL carries x-amz-* headers as query parameters, where they
 * mean the same.
 */
export function headersOf({ incoming, query }: S3Request): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of query) {
    if (/^x-amz-/i.test(name) && !SIGNING_PARAMETERS.test(name)) headers[name.toLowerCase()] = value;
  }
  return { ...headers, ...plainHeaders(incoming) };
}

/** Percent-encodes as signatures and S3's answers do: all but the unreserved characters of RFC 3986. */
export const uriEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/** The address of an object, as S3 gives it in Location: the key's slashes are encoded too. */
export const objectUrl = (host: string, bucket: string, key: string): string =>
  `http://${host}/${bucket}/${uriEncode(key)}`;
