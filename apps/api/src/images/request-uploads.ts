import { Type } from 'typebox';
import type { App } from '../types.ts';
import type { ImagesDeps } from './deps.ts';
import { issueUploads, POLL_SECONDS } from './issue-uploads.ts';
import { IdempotentHeaders } from './only-once.ts';
import { Form, Image, MAX_BATCH, succeeded, uploadRequest } from './schemas.ts';

/** POST /upload-many: the same as /upload for several images at once; if one is refused, all are. */
export const requestUploads = (app: App, deps: ImagesDeps) =>
  app.post(
    '/upload-many',
    {
      schema: {
        summary: `Ask for forms to upload 1 to ${MAX_BATCH} images`,
        headers: IdempotentHeaders,
        body: Type.Object(
          {
            images: Type.Array(uploadRequest(deps.config.MAX_UPLOAD_BYTES), {
              minItems: 1,
              maxItems: MAX_BATCH,
            }),
          },
          { additionalProperties: false },
        ),
        response: {
          201: succeeded({ images: Type.Array(Type.Object({ image: Image, upload: Type.Optional(Form) })) }),
        },
      },
    },
    async (request, reply) => {
      const { result: images, repeated } = await issueUploads(deps, request.user, {
        requests: request.body.images,
        key: request.headers['idempotency-key'],
      });
      if (repeated) reply.header('idempotent-replayed', 'true');
      return reply.code(201).header('retry-after', POLL_SECONDS).send({ success: true, images });
    },
  );
