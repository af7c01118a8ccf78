import type { Bucket, StoredObject } from './types.ts';

export type Listing = {
  objects: StoredObject[];
  commonPrefixes: string[];
  /** The last key or prefix of the page, where more follow. */
  next: string | undefined;
};

/**
 * One page of a bucket's keys, in the order of their UTF-8 bytes. With a delimiter, keys that hold it behind the
 * prefix are rolled up into one common prefix each.
 * @param after the page begins behind this key or common prefix
 */
export function listObjects(
  bucket: Bucket,
  { prefix, delimiter, after, limit }: { prefix: string; delimiter: string; after: string; limit: number },
): Listing {
  const listing: Listing = { objects: [], commonPrefixes: [], next: undefined };
  let last = '';
  let count = 0;
  for (const key of sortedKeys(bucket, prefix)) {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = end === -1 ? key : key.slice(0, end + delimiter.length);
    if (compareBytes(entry, after) <= 0 || (end !== -1 && entry === last)) continue;
    if (count === limit) {
      listing.next = last;
      break;
    }
    const object = bucket.objects.get(key);
    if (end !== -1) listing.commonPrefixes.push(entry);
    else if (object) listing.objects.push(object);
    last = entry;
    count += 1;
  }
  return listing;
}

const sortedKeys = (bucket: Bucket, prefix: string): string[] =>
  [...bucket.objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareBytes);

/** JavaScript orders by UTF-16 units, S3 by UTF-8 bytes: they differ where a surrogate pair is in play. */
function compareBytes(a: string, b: string): number {
  if (/[\ud800-\udfff]/.test(a + b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a < b ? -1 : Number(a > b);
}
