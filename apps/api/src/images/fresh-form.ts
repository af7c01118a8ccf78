import { type Image as ImageRow, renewForm } from '@s3-image-app/db';
import type { FormDocument } from './answer-schemas.ts';
import type { ImagesDeps } from './deps.ts';
import { issueForm } from './issue-form.ts';
import { quotaOf } from './quota.ts';

/** A fresh form, and the image as it is with it. Undefined if the image can have none. */
export async function freshForm(
  { config, db, browserS3 }: ImagesDeps,
  { id, contentType, declaredSize, maxBytes, sha256 }: ImageRow,
): Promise<{ image: ImageRow; upload: FormDocument } | undefined> {
  const terms = { id, contentType, size: declaredSize, maxBytes, sha256 };
  const upload = await issueForm(browserS3, config.S3_BUCKET, terms, config.FORM_TTL_SECONDS);
  const image = await renewForm(db, id, {
    formExpiresAt: new Date(upload.expiresAt),
    ...quotaOf(config),
  });
  return image && { image, upload };
}
