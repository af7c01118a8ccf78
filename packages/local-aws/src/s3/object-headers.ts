import { AwsError, invalidArgument } from '../errors.ts';
import type { ObjectHeaders, StoredObject } from '../store/types.ts';

const KEPT = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'expires',
];

/** S3's limit for the names and values of x-amz-meta-* together. */
const MAX_METADATA_BYTES = 2 * 1024;

/** S3's type for an object that was sent without one. */
const DEFAULT_TYPE = 'binary/octet-stream';

/**
 * The headers of an upload that stay with its object.
 * @param headers lower-case
 * @throws {AwsError} MetadataTooLarge
 */
export function keptHeaders(headers: Record<string, string>): ObjectHeaders {
  const kept: ObjectHeaders = { 'content-type': DEFAULT_TYPE };
  let metadataBytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith('x-amz-meta-')) {
      metadataBytes += Buffer.byteLength(name.slice('x-amz-meta-'.length)) + Buffer.byteLength(value);
    } else if (!KEPT.includes(name) || value === '') continue;
    kept[name] = headerValue(name, value);
  }
  if (metadataBytes > MAX_METADATA_BYTES) {
    throw new AwsError(
      400,
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
      {
        Size: String(metadataBytes),
        MaxSizeAllowed: String(MAX_METADATA_BYTES),
      },
    );
  }
  // aws-chunked is how the bytes were sent, not what they are.
  const encodings = kept['content-encoding']?.split(',').map((encoding) => encoding.trim());
  const encoding = encodings?.filter((name) => name !== 'aws-chunked').join(',');
  if (encoding) kept['content-encoding'] = encoding;
  else delete kept['content-encoding'];
  return kept;
}

/** A value that came in a query can hold what no header can. @throws {AwsError} InvalidArgument */
export function headerValue(name: string, value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value;
  throw invalidArgument('The value can not be sent as a header', name, value);
}

export const quoted = (etag: string): string => `"${etag}"`;

/** What S3 tells about an object in the headers of GET and HEAD. */
export const describe = (object: StoredObject): Record<string, string> => ({
  ...object.headers,
  ETag: quoted(object.etag),
  'Last-Modified': new Date(object.lastModified).toUTCString(),
  'Accept-Ranges': 'bytes',
});
