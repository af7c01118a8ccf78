import { invalidArgument } from '../../errors.ts';
import { type Listing, listObjects } from '../../store/list.ts';
import type { S3Call } from '../call.ts';
import { quoted } from '../object-headers.ts';
import { uriEncode } from '../request.ts';
import type { Answer } from '../xml.ts';

/** S3's own limit for a page. */
const MAX_KEYS = 1000;

/** ListObjectsV2. Its continuation token is the last key of the page before, in base64url. */
export async function listObjectsV2(call: S3Call): Promise<void> {
  const { query } = call.request;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const after = token === null ? startAfter : Buffer.from(token, 'base64url').toString();
  const { listing, common, encode } = list(call, after);
  call.answer('ListBucketResult', {
    ...common,
    KeyCount: listing.objects.length + listing.commonPrefixes.length,
    ContinuationToken: token ?? undefined,
    NextContinuationToken:
      listing.next === undefined ? undefined : Buffer.from(listing.next).toString('base64url'),
    StartAfter: startAfter === '' ? undefined : encode(startAfter),
    ...entries(listing, encode),
  });
}

/** ListObjects, version 1: pages by marker. */
export async function listObjectsV1(call: S3Call): Promise<void> {
  const marker = call.request.query.get('marker') ?? '';
  const { listing, common, encode } = list(call, marker);
  call.answer('ListBucketResult', {
    ...common,
    Marker: encode(marker),
    NextMarker: listing.next === undefined ? undefined : encode(listing.next),
    ...entries(listing, encode),
  });
}

function list({ bucket, request: { query } }: S3Call, after: string) {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = maxKeys(query.get('max-keys'));
  const encoding = query.get('encoding-type') ?? undefined;
  if (encoding !== undefined && encoding !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', encoding);
  }
  const encode = encoding === undefined ? (text: string) => text : uriEncode;
  const listing = listObjects(bucket, { prefix, delimiter, after, limit });
  const common = {
    Name: bucket.name,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    MaxKeys: limit,
    EncodingType: encoding,
    IsTruncated: listing.next !== undefined,
  };
  return { listing, common, encode };
}

const entries = (listing: Listing, encode: (text: string) => string): { [name: string]: Answer } => ({
  Contents: listing.objects.map(({ key, lastModified, etag, size }) => ({
    Key: encode(key),
    LastModified: lastModified,
    ETag: quoted(etag),
    Size: size,
    StorageClass: 'STANDARD',
  })),
  CommonPrefixes: listing.commonPrefixes.map((prefix) => ({ Prefix: encode(prefix) })),
});

/** @throws {AwsError} InvalidArgument */
export function maxKeys(value: string | null, name = 'max-keys'): number {
  if (value === null || value === '') return MAX_KEYS;
  if (!/^\d+$/.test(value))
    throw invalidArgument(`Provided ${name} not an integer or within integer range`, name, value);
  return Math.min(Number(value), MAX_KEYS);
}
