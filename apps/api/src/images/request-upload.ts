import type { App } from '../types.ts';
import type { ImagesDeps } from './deps.ts';
import { issueUploads, POLL_SECONDS } from './issue-uploads.ts';
import { Form, Image, succeeded, uploadRequest } from './schemas.ts';

/** POST /upload: a pending image, and the form by which its file goes straight to S3. */
export const requestUpload = (app: App, deps: ImagesDeps) =>
  app.post(
    '/upload',
    {
      schema: {
        summary: 'Ask for a form to upload one image',
        body: uploadRequest(deps.config.MAX_UPLOAD_BYTES),
        response: { 201: succeeded({ image: Image, upload: Form }) },
      },
    },
    async (request, reply) => {
      const [issued] = await issueUploads(deps, request.user, [request.body]);
      if (!issued) throw new Error('one request, no upload');
      return reply
        .code(201)
        .header('location', `/api/images/${issued.image.id}`)
        .header('retry-after', POLL_SECONDS)
        .send({ success: true, ...issued });
    },
  );
