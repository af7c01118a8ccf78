import { getImage } from '@s3-image-app/db';
import { Problem } from '../problems.ts';
import type { App } from '../types.ts';
import { Form, Image, succeeded } from './answer-schemas.ts';
import { findImage } from './authorise.ts';
import type { ImagesDeps } from './deps.ts';
import { freshForm } from './fresh-form.ts';
import { imageDocument } from './image-document.ts';
import { POLL_SECONDS } from './issue-uploads.ts';
import { overQuota } from './quota.ts';
import { ImageParams } from './request-schemas.ts';

/** POST /:id/form: a fresh form for an image whose file has not come, on the same terms and for the same key. */
export const renewUpload = (app: App, deps: ImagesDeps) =>
  app.post(
    '/:id/form',
    {
      config: {
        answers: { 200: { description: 'the image, and its form', headers: ['Retry-After'] } },
        problems: ['form_not_needed', 'too_many_pending', 'quota_exceeded'],
      },
      schema: {
        operationId: 'renewUpload',
        summary: 'Get a fresh form for an image that is pending or expired',
        params: ImageParams,
        response: { 200: succeeded({ image: Image, upload: Form }) },
      },
    },
    async (request, reply) => {
      const image = await findImage(deps.db, request.user, request.params.id, 'change');
      const renewed = await freshForm(deps, image);
      if (!renewed) throw await reasonAgainst(deps, image.id);
      return reply
        .code(200)
        .header('retry-after', POLL_SECONDS)
        .send({ success: true, image: await imageDocument(renewed.image, deps), upload: renewed.upload });
    },
  );

async function reasonAgainst(deps: ImagesDeps, id: string): Promise<Problem> {
  const image = await getImage(deps.db, id);
  if (!image || image.status === 'deleting') {
    return new Problem('image_not_found', 'There is no image with this id.');
  }
  if (image.status === 'expired') return overQuota(deps, image.ownerId, 1);
  return new Problem('form_not_needed', `The image is ${image.status}: its file has arrived.`);
}
