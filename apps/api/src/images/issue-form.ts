import type { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { quarantineKey } from '@s3-image-app/infra';
import type { FormDocument } from './answer-schemas.ts';

/** What a form lets its holder do: put one object of this type and size at the image's quarantine key. */
export type FormTerms = {
  id: string;
  contentType: string;
  /** Bytes, if exactly so many. */
  size?: number | null | undefined;
  /** Bytes, at most. */
  maxBytes: number;
  /** Base64, if no other bytes. */
  sha256?: string | null | undefined;
};

/**
 * A presigned POST form. Every field has a condition for its exact value (the SDK makes one of each), and S3
 * refuses fields without one: no condition says `starts-with`, which would leave the holder a choice.
 * `success_action_status` makes S3 answer 201 and name the object, rather than an empty 204.
 *
 * Signed with a role's temporary credentials, a form ends with these, if that is sooner than `expiresAt`.
 * The SDK renews them five minutes ahead; longer lives of forms are not to be relied on there.
 */
export async function issueForm(
  signer: S3Client,
  bucket: string,
  terms: FormTerms,
  ttlSeconds: number,
): Promise<FormDocument> {
  // S3's clock counts whole seconds.
  const expiresAt = new Date((Math.floor(Date.now() / 1000) + ttlSeconds) * 1000);
  const [least, most] = terms.size == null ? [1, terms.maxBytes] : [terms.size, terms.size];
  const { url, fields } = await createPresignedPost(signer, {
    Bucket: bucket,
    Key: quarantineKey(terms.id),
    Expires: ttlSeconds,
    Conditions: [['content-length-range', least, most]],
    Fields: {
      'Content-Type': terms.contentType,
      success_action_status: '201',
      ...(terms.sha256 == null ? {} : { 'x-amz-checksum-sha256': terms.sha256 }),
    },
  });
  return { method: 'POST', url, fields, expiresAt: expiresAt.toISOString() };
}
