import { listEntityImages as selectEntityImages } from '@s3-image-app/db';
import { Type } from 'typebox';
import type { App } from '../types.ts';
import type { ImagesDeps } from './deps.ts';
import { decodeCursor, Page, pageQuery, sendPage } from './page.ts';
import { EntityId, EntityType } from './request-schemas.ts';

/** GET /entity/:entityType/:entityId: the images of an entity that the caller may see, newest first. */
export const listEntityImages = (app: App, deps: ImagesDeps) =>
  app.get(
    '/entity/:entityType/:entityId',
    {
      config: { answers: { 200: { description: 'a page', headers: ['Link'] } } },
      schema: {
        operationId: 'listEntityImages',
        summary: "List an entity's images, newest first",
        params: Type.Object({ entityType: EntityType, entityId: EntityId }),
        querystring: Type.Object(pageQuery, { additionalProperties: false }),
        response: { 200: Page },
      },
    },
    async (request, reply) => {
      const { limit, cursor } = request.query;
      const rows = await selectEntityImages(deps.db, {
        ...request.params,
        viewer: request.user,
        limit: limit + 1,
        after: cursor === undefined ? undefined : decodeCursor(cursor),
      });
      return sendPage(request, reply, deps, { rows, limit });
    },
  );
