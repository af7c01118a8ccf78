import { Type } from 'typebox';
import type { App } from '../types.ts';
import type { ImagesDeps } from './deps.ts';
import { issueUploads, POLL_SECONDS } from './issue-uploads.ts';
import { IdempotentHeaders } from './only-once.ts';
import { Form, Image, succeeded, uploadRequest } from './schemas.ts';

/** POST /upload: a pending image, and the form by which its file goes straight to S3. */
export const requestUpload = (app: App, deps: ImagesDeps) =>
  app.post(
    '/upload',
    {
      schema: {
        summary: 'Ask for a form to upload one image',
        headers: IdempotentHeaders,
        body: uploadRequest(deps.config.MAX_UPLOAD_BYTES),
        response: { 201: succeeded({ image: Image, upload: Type.Optional(Form) }) },
      },
    },
    async (request, reply) => {
      const { result, repeated } = await issueUploads(deps, request.user, {
        requests: [request.body],
        key: request.headers['idempotency-key'],
      });
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
