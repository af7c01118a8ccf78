import { Type } from 'typebox';
import type { App } from '../types.ts';
import { findImage } from './authorise.ts';
import type { ImagesDeps } from './deps.ts';
import { entityTag, matches } from './entity-tag.ts';
import { imageDocument } from './image-document.ts';
import { POLL_SECONDS } from './issue-uploads.ts';
import { Image, ImageParams, succeeded } from './schemas.ts';

/** GET /:id: the image as it is now. */
export const getImage = (app: App, deps: ImagesDeps) =>
  app.get(
    '/:id',
    {
      schema: {
        summary: 'Look at one image',
        params: ImageParams,
        response: {
          200: succeeded({ image: Image }),
          304: Type.Null({ description: 'unchanged since the ETag' }),
        },
      },
    },
    async (request, reply) => {
      const row = await findImage(deps.db, request.user, request.params.id, 'read');
      const image = await imageDocument(row, deps);
      const etag = entityTag(image);
      // Caches of browsers may keep it, and must ask each time whether it still holds.
      reply.header('etag', etag).header('cache-control', 'private, no-cache');
      if (!image.terminal) reply.header('retry-after', POLL_SECONDS);
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send(null);
      return reply.code(200).send({ success: true, image });
    },
  );
