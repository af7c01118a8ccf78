import { TERMINAL_STATUSES } from '@s3-image-app/db';
import { Type } from 'typebox';
import type { App } from '../types.ts';
import { Image, succeeded } from './answer-schemas.ts';
import { findImage, permit } from './authorise.ts';
import type { ImagesDeps } from './deps.ts';
import { entityTag, matches } from './entity-tag.ts';
import { imageDocument } from './image-document.ts';
import { POLL_SECONDS } from './issue-uploads.ts';
import { Prefer, patience, preferredWait } from './patience.ts';
import { ImageParams } from './request-schemas.ts';

/** GET /:id: the image as it is now, or with `Prefer: wait=N` as it is once its status has changed. */
export const getImage = (app: App, deps: ImagesDeps) =>
  app.get(
    '/:id',
    {
      config: {
        answers: {
          200: { description: 'the image', headers: ['ETag', 'Retry-After', 'Preference-Applied'] },
          304: {
            description: 'unchanged since the ETag',
            headers: ['ETag', 'Retry-After', 'Preference-Applied'],
          },
        },
      },
      schema: {
        operationId: 'getImage',
        summary: 'Look at one image, at once or when its status changes',
        params: ImageParams,
        headers: Type.Object({
          prefer: Prefer,
          'if-none-match': Type.Optional(Type.String({ description: 'ETag of the image that you have' })),
        }),
        response: {
          200: succeeded({ image: Image }),
          304: Type.Null(),
        },
      },
    },
    async (request, reply) => {
      const have = request.headers['if-none-match'];
      const seconds = preferredWait(request.headers.prefer);
      let row = await findImage(deps.db, request.user, request.params.id, 'read');
      let image = await imageDocument(row, deps);
      if (seconds) {
        reply.header('preference-applied', `wait=${seconds}`);
        const news = have !== undefined && !matches(have, entityTag(image));
        if (!news && !TERMINAL_STATUSES.includes(row.status)) {
          const moved = await deps.statuses.next(row.id, row.status, patience(reply, seconds));
          // A server that is closing has let go of us; it must not wait for the connection as well.
          if (deps.statuses.closed) reply.header('connection', 'close');
          if (moved) {
            row = permit(request.user, moved.image, 'read');
            image = await imageDocument(row, deps);
          }
        }
      }
      const etag = entityTag(image);
      // Caches of browsers may keep it, and must ask each time whether it still holds.
      // For one origin, too: a page of another that got it from the cache could not read it.
      reply
        .header('etag', etag)
        .header('cache-control', 'private, no-cache')
        .header('vary', 'Origin, Prefer');
      if (!image.terminal) reply.header('retry-after', POLL_SECONDS);
      if (matches(have, etag)) return reply.code(304).send(null);
      return reply.code(200).send({ success: true, image });
    },
  );
