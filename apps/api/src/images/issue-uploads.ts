import { createImages, type Image as ImageRow, type Viewer } from '@s3-image-app/db';
import type { FormDocument, ImageDocument } from './answer-schemas.ts';
import type { ImagesDeps } from './deps.ts';
import { freshForm } from './fresh-form.ts';
import { imageDocument } from './image-document.ts';
import { issueForm } from './issue-form.ts';
import { type Making, onlyOnce } from './only-once.ts';
import { overQuota, quotaOf } from './quota.ts';
import type { UploadRequest } from './request-schemas.ts';
import { uploadType } from './upload-types.ts';

/** Seconds after which a pending image is worth another look. */
export const POLL_SECONDS = 1;

export type Issued = { image: ImageDocument; upload?: FormDocument };

/**
 * Signs a form and writes a pending row for each request, in their order. All or none. A request that was sent before
 * under the same `key` gets the same images again, with fresh forms where they still need any.
 * @throws {Problem} too_many_pending, quota_exceeded, and those of `onlyOnce`
 */
export const issueUploads = (
  deps: ImagesDeps,
  caller: Viewer,
  { requests, key, asked }: { requests: UploadRequest[] } & Pick<Making, 'key' | 'asked'>,
): Promise<{ result: Issued[]; repeated: boolean }> =>
  onlyOnce<Issued[]>(
    deps,
    { caller, key, asked, count: requests.length },
    (ids) => issue(deps, caller, requests, ids),
    (images) => Promise.all(images.map((image) => issueAgain(deps, image))),
  );

async function issue(
  deps: ImagesDeps,
  caller: Viewer,
  requests: UploadRequest[],
  ids: string[],
): Promise<Issued[]> {
  const prepared = await Promise.all(
    requests.map((request, at) => prepare(deps, caller, request, ids[at] as string)),
  );
  const images = await createImages(
    deps.db,
    prepared.map(({ row }) => row),
    quotaOf(deps.config),
  );
  if (images.length === 0) throw await overQuota(deps, caller.sub, requests.length);
  const forms = new Map<string, FormDocument>(prepared.map(({ row, form }) => [row.id, form]));
  return Promise.all(
    images.map(async (image) => ({
      image: await imageDocument(image, deps),
      upload: forms.get(image.id) as FormDocument,
    })),
  );
}

async function issueAgain(deps: ImagesDeps, image: ImageRow): Promise<Issued> {
  const renewed = await freshForm(deps, image);
  if (renewed) return { image: await imageDocument(renewed.image, deps), upload: renewed.upload };
  if (image.status === 'expired') throw await overQuota(deps, image.ownerId, 1);
  return { image: await imageDocument(image, deps) };
}

async function prepare(
  { config, browserS3 }: ImagesDeps,
  caller: Viewer,
  request: UploadRequest,
  id: string,
) {
  // Validation has let it through.
  const contentType = uploadType(request.contentType) as string;
  const maxBytes = config.MAX_UPLOAD_BYTES;
  const form = await issueForm(
    browserS3,
    config.S3_BUCKET,
    { id, contentType, size: request.size, maxBytes, sha256: request.sha256 },
    config.FORM_TTL_SECONDS,
  );
  const row = {
    id,
    ownerId: caller.sub,
    contentType,
    declaredSize: request.size,
    maxBytes,
    sha256: request.sha256,
    filename: request.filename,
    formExpiresAt: new Date(form.expiresAt),
    folder: request.folder,
    visibility: request.visibility,
    alt: request.alt,
    entityType: request.entityType,
    entityId: request.entityId,
  };
  return { row, form };
}
