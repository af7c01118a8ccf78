import { type Static, Type } from 'typebox';
import type { App } from '../types.ts';
import { Form, Image, succeeded } from './answer-schemas.ts';
import type { ImagesDeps } from './deps.ts';
import { checkMade, statusOf } from './files/answer.ts';
import { bringFiles } from './files/bring-files.ts';
import { imageDocument } from './image-document.ts';
import { issueUploads, POLL_SECONDS } from './issue-uploads.ts';
import { FilesForm, MAX_BATCH, uploadRequest } from './request-schemas.ts';
import { uploadOptions } from './upload-options.ts';

/** POST /upload-many: the same as /upload for several images at once; if one request is not valid, all are refused. */
export const requestUploads = (app: App, deps: ImagesDeps) => {
  const Requests = Type.Object(
    {
      images: Type.Array(uploadRequest(deps.config.MAX_UPLOAD_BYTES), { minItems: 1, maxItems: MAX_BATCH }),
    },
    { additionalProperties: false },
  );
  const Made = succeeded({ images: Type.Array(Type.Object({ image: Image, upload: Type.Optional(Form) })) });
  app.post(
    '/upload-many',
    uploadOptions(deps, {
      operationId: 'requestUploads',
      summary: `Ask for forms to upload 1 to ${MAX_BATCH} images, or send small ones as they are`,
      field: 'images',
      max: MAX_BATCH,
      json: Requests,
      form: FilesForm,
      made: Made,
    }),
    async (request, reply) => {
      const key = request.headers['idempotency-key'];
      if (request.receivedFiles) {
        const { images: _files, ...shared } = request.body as Static<typeof FilesForm>;
        const form = { caller: request.user, key, fileField: 'images', files: request.receivedFiles, shared };
        const { images, repeated } = await bringFiles(deps, form, reply);
        const there = images.filter(({ status }) => status !== 'deleting');
        // Each image tells what became of it; only if none came through is the whole refused.
        if (there.every(({ status }) => status === 'rejected')) checkMade(there[0]);
        if (repeated) reply.header('idempotent-replayed', 'true');
        const status = statusOf(there);
        if (status === 202) reply.header('retry-after', POLL_SECONDS);
        const documents = await Promise.all(there.map((image) => imageDocument(image, deps)));
        return reply.code(status).send({ success: true, images: documents.map((image) => ({ image })) });
      }

      const { images: requests } = request.body as Static<typeof Requests>;
      const asked = request.body;
      const { result: images, repeated } = await issueUploads(deps, request.user, { requests, key, asked });
      if (repeated) reply.header('idempotent-replayed', 'true');
      return reply.code(201).header('retry-after', POLL_SECONDS).send({ success: true, images });
    },
  );
};
