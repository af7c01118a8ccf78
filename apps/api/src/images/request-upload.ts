import { type Static, Type } from 'typebox';
import type { App } from '../types.ts';
import { Form, Image, succeeded } from './answer-schemas.ts';
import type { ImagesDeps } from './deps.ts';
import { checkMade, statusOf } from './files/answer.ts';
import { bringFiles } from './files/bring-files.ts';
import { imageDocument } from './image-document.ts';
import { issueUploads, POLL_SECONDS } from './issue-uploads.ts';
import { FileForm, type UploadRequest, uploadRequest } from './request-schemas.ts';
import { uploadOptions } from './upload-options.ts';

/**
 * POST /upload: a pending image, and the form by which its file goes straight to S3. Sent as multipart/form-data with
 * the file itself, for clients that cannot post to S3: the image as the worker made it.
 */
export const requestUpload = (app: App, deps: ImagesDeps) => {
  const Made = succeeded({ image: Image, upload: Type.Optional(Form) });
  app.post(
    '/upload',
    uploadOptions(deps, {
      operationId: 'requestUpload',
      summary: 'Ask for a form to upload one image, or send a small one as it is',
      field: 'image',
      max: 1,
      json: uploadRequest(deps.config.MAX_UPLOAD_BYTES),
      form: FileForm,
      made: Made,
    }),
    async (request, reply) => {
      const key = request.headers['idempotency-key'];
      if (request.receivedFiles) {
        const { image: _file, ...shared } = request.body as Static<typeof FileForm>;
        const form = { caller: request.user, key, fileField: 'image', files: request.receivedFiles, shared };
        const { images, repeated } = await bringFiles(deps, form, reply);
        const image = await imageDocument(checkMade(images[0]), deps);
        if (repeated) reply.header('idempotent-replayed', 'true');
        if (!image.terminal) reply.header('retry-after', POLL_SECONDS);
        return reply
          .code(statusOf(images))
          .header('location', `/api/images/${image.id}`)
          .send({ success: true, image });
      }

      const requests = [request.body as UploadRequest];
      const asked = request.body;
      const { result, repeated } = await issueUploads(deps, request.user, { requests, key, asked });
      const [issued] = result;
      if (!issued) throw new Error('one request, no upload');
      if (repeated) reply.header('idempotent-replayed', 'true');
      return reply
        .code(201)
        .header('location', `/api/images/${issued.image.id}`)
        .header('retry-after', POLL_SECONDS)
        .send({ success: true, ...issued });
    },
  );
};
