import { type Image, TERMINAL_STATUSES } from '@s3-image-app/db';
import type { ImageDocument } from './answer-schemas.ts';
import type { ImagesDeps } from './deps.ts';

/** The row as callers see it, with addresses of the renditions once there are any. */
export async function imageDocument(
  image: Image,
  { links, config }: Pick<ImagesDeps, 'links' | 'config'>,
): Promise<ImageDocument> {
  const urlOf = async (key: string) =>
    image.visibility === 'public'
      ? links.publicUrl(key)
      : (await links.signedUrl(key, config.URL_TTL_SECONDS)).url;
  const ready = image.status === 'ready';
  return {
    id: image.id,
    status: image.status as ImageDocument['status'],
    terminal: TERMINAL_STATUSES.includes(image.status),
    s3Key: ready ? image.s3Key : null,
    url: ready && image.s3Key ? await urlOf(image.s3Key) : null,
    width: image.width,
    height: image.height,
    sizeBytes: image.sizeBytes,
    variants: await Promise.all(
      image.variants.map(async (variant) => ({ ...variant, url: await urlOf(variant.s3Key) })),
    ),
    thumbhash: image.thumbhash,
    placeholder: image.placeholder,
    removedMetadata: image.removedMetadata,
    alt: image.alt,
    entityType: image.entityType,
    entityId: image.entityId,
    folder: image.folder,
    visibility: image.visibility,
    rejection: image.rejectionCode && {
      code: image.rejectionCode,
      detail: image.rejectionDetail ?? image.rejectionCode,
    },
    createdAt: image.createdAt.toISOString(),
    updatedAt: image.updatedAt.toISOString(),
    readyAt: image.readyAt?.toISOString() ?? null,
    expiresAt: image.status === 'pending' ? image.formExpiresAt.toISOString() : null,
  };
}
