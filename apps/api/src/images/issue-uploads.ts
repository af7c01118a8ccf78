import { randomUUIDv7 } from 'node:crypto';
import { createImages, type Viewer } from '@s3-image-app/db';
import type { Config } from '../config.ts';
import { Problem } from '../problems.ts';
import type { ImagesDeps } from './deps.ts';
import { imageDocument } from './image-document.ts';
import { issueForm } from './issue-form.ts';
import type { FormDocument, ImageDocument, UploadRequest } from './schemas.ts';

/** Seconds after which a pending image is worth another look. */
export const POLL_SECONDS = 1;

/**
 * Signs a form and writes a pending row for each request, in their order. All or none.
 * @throws {Problem} too_many_pending
 */
export async function issueUploads(
  deps: ImagesDeps,
  caller: Viewer,
  requests: UploadRequest[],
): Promise<{ image: ImageDocument; upload: FormDocument }[]> {
  const issued = await Promise.all(requests.map((request) => prepare(deps, caller, request)));
  const images = await createImages(
    deps.db,
    issued.map(({ row }) => row),
    { maxPending: deps.config.MAX_PENDING_PER_OWNER },
  );
  if (images.length === 0) throw hoarding(deps.config);
  const forms = new Map<string, FormDocument>(issued.map(({ row, form }) => [row.id, form]));
  return Promise.all(
    images.map(async (image) => ({
      image: await imageDocument(image, deps),
      upload: forms.get(image.id) as FormDocument,
    })),
  );
}

/** Each unused form is a promise of storage: a caller gets so many and no more at a time. */
export const hoarding = (config: Config): Problem =>
  new Problem(
    'too_many_pending',
    `You may hold ${config.MAX_PENDING_PER_OWNER} unused forms at a time, and these would be more.`,
    { headers: { 'retry-after': String(config.FORM_TTL_SECONDS) } },
  );

async function prepare({ config, browserS3 }: ImagesDeps, caller: Viewer, request: UploadRequest) {
  // Sorted by time, so that new rows lie together in the index, and with 74 random bits as hard to guess.
  const id = randomUUIDv7();
  const contentType = bareType(request.contentType);
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
    // One spelling of what looks the same, whatever keyboard it came from.
    filename: request.filename?.normalize('NFC'),
    formExpiresAt: new Date(form.expiresAt),
    folder: request.folder,
    visibility: request.visibility,
    alt: request.alt?.normalize('NFC'),
    entityType: request.entityType,
    entityId: request.entityId,
  };
  return { row, form };
}

/** The media type without its parameters: `image/jpeg` of `Image/JPEG; charset=binary`. */
const bareType = (mediaType: string): string => (mediaType.split(';', 1)[0] ?? '').trim().toLowerCase();
