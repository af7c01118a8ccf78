import {
  createImages,
  getImages,
  type Image,
  markDeleting,
  type NewImage,
  TERMINAL_STATUSES,
  type Viewer,
} from '@s3-image-app/db';
import type { FastifyReply } from 'fastify';
import { invalid } from '../../plugins/validation.ts';
import type { ImagesDeps } from '../deps.ts';
import { onlyOnce } from '../only-once.ts';
import { MAX_WAIT, patience, preferredWait } from '../patience.ts';
import { overQuota, quotaOf } from '../quota.ts';
import { UPLOAD_TYPES_TOLD } from '../upload-types.ts';
import { declaredType } from './declared-type.ts';
import { putOriginal } from './put-original.ts';
import type { ReceivedFile } from './receive-form.ts';

/** What the images of one form have in common. */
export type Shared = Pick<NewImage, 'folder' | 'visibility' | 'alt' | 'entityType' | 'entityId'>;

export type BroughtForm = {
  caller: Viewer;
  key: string | undefined;
  /** The field that the files came in, for errors. */
  fileField: string;
  files: ReceivedFile[];
  shared: Shared;
};

/**
 * Takes files the way that a form's holder would take them: a pending row each, the original to quarantine, and then
 * the wait for the worker. Answers the rows as they are when all are done or the wait is over, in the files' order.
 * @throws {Problem} validation_failed, too_many_pending, and those of `onlyOnce`
 */
export async function bringFiles(
  deps: ImagesDeps,
  { caller, key, fileField, files, shared }: BroughtForm,
  reply: FastifyReply,
): Promise<{ images: Image[]; repeated: boolean }> {
  const types = files.map((file, at) =>
    checkedType(file, files.length > 1 ? `${fileField}/${at}` : fileField),
  );
  const asked = {
    shared,
    [fileField]: files.map(({ sha256, filename }, at) => ({ sha256, filename, type: types[at] })),
  };
  const { result, repeated } = await onlyOnce<Image[]>(
    deps,
    { caller, key, asked, count: files.length },
    async (ids) => {
      const rows = files.map((file, at) =>
        newImage(deps, caller, { ...file, id: ids[at] as string }, types[at] as string, shared),
      );
      const images = await createImages(deps.db, rows, quotaOf(deps.config));
      if (images.length === 0) throw await overQuota(deps, caller.sub, files.length);
      return arrive(deps, images, files, reply);
    },
    // The first request may have died before its files had arrived.
    (images) => arrive(deps, images, files, reply),
  );
  return { images: result, repeated };
}

function checkedType(file: ReceivedFile, pointer: string): string {
  const name = pointer.replace('/', '.');
  if (file.size === 0) throw invalid([{ pointer: `#/${pointer}`, detail: `${name} must not be empty` }]);
  const type = declaredType(file);
  if (type === undefined) {
    const detail = `${name} must be one of ${UPLOAD_TYPES_TOLD}, and its part must say which`;
    throw invalid([{ pointer: `#/${pointer}`, detail }]);
  }
  return type;
}

const newImage = (
  { config }: ImagesDeps,
  caller: Viewer,
  { id, size, sha256, filename }: ReceivedFile & { id: string },
  contentType: string,
  shared: Shared,
): NewImage => ({
  ...shared,
  id,
  ownerId: caller.sub,
  contentType,
  declaredSize: size,
  maxBytes: config.MAX_MULTIPART_BYTES,
  sha256,
  filename: storable(filename),
  // No form has been issued, but the sweeper looks after this one as after any other.
  formExpiresAt: new Date(Date.now() + config.FORM_TTL_SECONDS * 1000),
});

/** A name is a note, no more: what a column or a log could not hold is left out of it. */
const storable = (filename: string): string =>
  filename
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, '')
    .normalize('NFC')
    .slice(0, 255)
    .toWellFormed();

async function arrive(
  deps: ImagesDeps,
  images: Image[],
  files: ReceivedFile[],
  reply: FastifyReply,
): Promise<Image[]> {
  const awaited = images.flatMap((image, at) =>
    image.status === 'pending' ? [{ image, file: files[at] }] : [],
  );
  try {
    await Promise.all(awaited.map(({ image, file }) => file && putOriginal(deps, image, file)));
  } catch (error) {
    // Whatever has arrived, nobody will ask for it: the sweeper removes it.
    for (const { image } of awaited) await markDeleting(deps.db, image.id);
    throw error;
  }
  const seconds = preferredWait(reply.request.headers.prefer);
  if (seconds !== undefined) reply.header('preference-applied', `wait=${seconds}`);
  const signal = patience(reply, seconds ?? MAX_WAIT);
  await Promise.all(images.map((image) => settled(deps, image, signal)));
  return getImages(
    deps.db,
    images.map(({ id }) => id),
  );
}

/** Resolves when the image is in a terminal status or gone, or the signal aborts. */
async function settled({ statuses }: ImagesDeps, image: Image, signal: AbortSignal): Promise<void> {
  let { status } = image;
  while (!TERMINAL_STATUSES.includes(status)) {
    const moved = await statuses.next(image.id, status, signal);
    if (!moved?.image) return;
    status = moved.image.status;
  }
}
