import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { type Image, markDeleting, removeImage } from '@s3-image-app/db';
import { possibleRenditionKeys, quarantineKey } from '@s3-image-app/infra';
import { Type } from 'typebox';
import type { App } from '../types.ts';
import { findImage } from './authorise.ts';
import type { ImagesDeps } from './deps.ts';
import { ImageParams } from './request-schemas.ts';

/** Milliseconds that a caller waits for S3. What is left then is the sweeper's. */
const PATIENCE = 1_500;

/**
 * DELETE /:id: gone for every caller from here on. The objects go first and the row last, so that whatever
 * stops in between, the row in `deleting` still tells the sweeper what to finish.
 */
export const deleteImage = (app: App, deps: ImagesDeps) =>
  app.delete(
    '/:id',
    {
      config: { answers: { 204: { description: 'gone, for every caller' } } },
      schema: {
        operationId: 'deleteImage',
        summary: 'Delete an image, in whatever status it is',
        params: ImageParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id } = await findImage(deps.db, request.user, request.params.id, 'change');
      const image = await markDeleting(deps.db, id);
      if (image) {
        try {
          await deleteObjects(deps, image);
          // Under a claim that nobody settled there may be renditions that no row names yet, or that come
          // still: only the sweeper finds them, so the row must stay for it.
          if (image.claimToken === null) await removeImage(deps.db, id);
        } catch (err) {
          request.log.warn({ err, imageId: id }, 'objects are left for the sweeper to delete');
        }
      }
      return reply.code(204).send(null);
    },
  );

/** S3 answers the same whether an object was there or not. */
async function deleteObjects({ s3, config }: ImagesDeps, image: Image): Promise<void> {
  const keys = [quarantineKey(image.id), ...possibleRenditionKeys(image)];
  const abortSignal = AbortSignal.timeout(PATIENCE);
  await Promise.all(
    keys.map((Key) => s3.send(new DeleteObjectCommand({ Bucket: config.S3_BUCKET, Key }), { abortSignal })),
  );
}
