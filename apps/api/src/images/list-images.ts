import { IMAGE_STATUSES, listImages as selectImages, VISIBILITIES } from '@s3-image-app/db';
import { Type } from 'typebox';
import type { App } from '../types.ts';
import type { ImagesDeps } from './deps.ts';
import { decodeCursor, Page, pageQuery, sendPage } from './page.ts';
import { Folder } from './request-schemas.ts';
import { oneOf } from './schema-parts.ts';

/** GET /: the caller's own images, newest first; to an administrator everybody's, or one owner's. */
export const listImages = (app: App, deps: ImagesDeps) =>
  app.get(
    '',
    {
      config: { answers: { 200: { description: 'a page', headers: ['Link'] } } },
      schema: {
        operationId: 'listImages',
        summary: 'List your images, newest first',
        querystring: Type.Object(
          {
            status: Type.Optional(oneOf(IMAGE_STATUSES.filter((status) => status !== 'deleting'))),
            folder: Type.Optional(Folder),
            visibility: Type.Optional(oneOf(VISIBILITIES)),
            owner: Type.Optional(
              Type.String({
                maxLength: 255,
                pattern: '^[^\\p{Cc}\\p{Cs}]+$',
                description: "the owner's sub; anybody but an administrator finds nothing of others",
              }),
            ),
            ...pageQuery,
          },
          { additionalProperties: false },
        ),
        response: { 200: Page },
      },
    },
    async (request, reply) => {
      const { limit, cursor, owner, ...filters } = request.query;
      const rows = await selectImages(deps.db, {
        ...filters,
        ownerId: owner,
        viewer: request.user,
        limit: limit + 1,
        after: cursor === undefined ? undefined : decodeCursor(cursor),
      });
      return sendPage(request, reply, deps, { rows, limit });
    },
  );
