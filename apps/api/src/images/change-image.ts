import { type Description, describeImage, type Image as ImageRow } from '@s3-image-app/db';
import { Type } from 'typebox';
import { invalid } from '../plugins/validation.ts';
import { Problem } from '../problems.ts';
import type { App } from '../types.ts';
import { Image, succeeded } from './answer-schemas.ts';
import { findImage } from './authorise.ts';
import type { ImagesDeps } from './deps.ts';
import { entityTag, namesVersion } from './entity-tag.ts';
import { imageDocument } from './image-document.ts';
import { POLL_SECONDS } from './issue-uploads.ts';
import { Alt, EntityId, EntityType, ImageParams, wholeEntity } from './request-schemas.ts';
import { orNull } from './schema-parts.ts';

/** PATCH /:id: another description or another entity, in any status. If-Match makes sure that nobody was faster. */
export const changeImage = (app: App, deps: ImagesDeps) =>
  app.patch(
    '/:id',
    {
      config: {
        answers: { 200: { description: 'the image as it is now', headers: ['ETag', 'Retry-After'] } },
        problems: ['precondition_failed'],
      },
      schema: {
        operationId: 'changeImage',
        summary: 'Change what an image shows, or what it belongs to',
        description: 'A field that is left out stays as it is; null empties it.',
        params: ImageParams,
        headers: Type.Object({
          'if-match': Type.Optional(
            Type.String({
              description:
                'ETag of the image that the change is meant for; that its links were renewed since is no change',
            }),
          ),
        }),
        body: Type.Object(
          {
            alt: Type.Optional(orNull(Alt)),
            entityType: Type.Optional(orNull(EntityType)),
            entityId: Type.Optional(orNull(EntityId)),
          },
          {
            additionalProperties: false,
            minProperties: 1,
            dependentRequired: wholeEntity,
          },
        ),
        response: { 200: succeeded({ image: Image }) },
      },
    },
    async (request, reply) => {
      const description: Description = request.body;
      if ((description.entityType === null) !== (description.entityId === null)) {
        const pointer = description.entityType === null ? '#/entityId' : '#/entityType';
        throw invalid([{ pointer, detail: 'entityType and entityId are both null, or neither is' }]);
      }
      const before = await findImage(deps.db, request.user, request.params.id, 'change');
      const ifMatch = request.headers['if-match'];
      if (ifMatch !== undefined && !namesVersion(ifMatch, await tagOf(deps, before))) throw outdated();

      const after = await describeImage(
        deps.db,
        before.id,
        description,
        ifMatch === undefined ? undefined : before.updatedAt,
      );
      if (!after) {
        // Gone since, or changed: to look once more tells which.
        await findImage(deps.db, request.user, before.id, 'change');
        throw outdated();
      }
      const image = await imageDocument(after, deps);
      if (!image.terminal) reply.header('retry-after', POLL_SECONDS);
      return reply.header('etag', entityTag(image)).send({ success: true, image });
    },
  );

const tagOf = async (deps: ImagesDeps, image: ImageRow): Promise<string> =>
  entityTag(await imageDocument(image, deps));

const outdated = (): Problem =>
  new Problem('precondition_failed', 'The image is no longer the one that If-Match names.');
