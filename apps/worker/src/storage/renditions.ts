import { createHash } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Image, Rendered, Variant, Visibility } from '@s3-image-app/db';
import { namedRenditionKeys, possibleRenditionKeys, renditionKey } from '@s3-image-app/infra';
import type { Rendition, Renditions } from '../image/convert.ts';
import type { Bucket } from './bucket.ts';
import { deleteObjects } from './delete-objects.ts';

type Place = Pick<Image, 'id' | 'visibility' | 'folder'>;

const CACHE_CONTROL: Record<Visibility, string> = {
  // A key is written for one image and never for another.
  public: 'public, max-age=31536000, immutable',
  private: 'private, no-store',
};

/** Puts the renditions at their final keys, all at once. Repeating it writes the same bytes again. */
export async function putRenditions(
  bucket: Bucket,
  place: Place,
  { main, variants, thumbhash, placeholder, removedMetadata }: Renditions,
  signal: AbortSignal,
): Promise<Rendered> {
  const put = async ({ bytes, width, height }: Rendition, s3Key: string): Promise<Variant> => {
    await bucket.s3.send(
      new PutObjectCommand({
        Bucket: bucket.name,
        Key: s3Key,
        Body: bytes,
        ContentType: 'image/webp',
        ContentDisposition: 'inline',
        CacheControl: CACHE_CONTROL[place.visibility],
        ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
      }),
      { abortSignal: signal },
    );
    return { s3Key, width, height, sizeBytes: bytes.length };
  };
  const [whole, ...smaller] = await Promise.all([
    put(main, renditionKey(place)),
    ...variants.map((variant) => put(variant, renditionKey(place, variant.width))),
  ]);
  return { ...whole, variants: smaller, thumbhash, placeholder, removedMetadata };
}

type Stored = Place & Pick<Image, 's3Key' | 'variants' | 'renditionWidths'>;

/** Removes every rendition that may be there: those that the row names, and those that a worker may have put before it could tell. */
export const deleteRenditions = (bucket: Bucket, image: Stored): Promise<void> =>
  deleteObjects(bucket, possibleRenditionKeys(image));

/** Removes of a ready image what tries before have put that it does not name: of another size, or by other settings. */
export function deleteStrays(bucket: Bucket, image: Stored): Promise<void> {
  const named = new Set(namedRenditionKeys(image));
  return deleteObjects(
    bucket,
    possibleRenditionKeys(image).filter((key) => !named.has(key)),
  );
}
