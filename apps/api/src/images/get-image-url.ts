import { TERMINAL_STATUSES } from '@s3-image-app/db';
import { Type } from 'typebox';
import { Problem } from '../problems.ts';
import type { App } from '../types.ts';
import { succeeded } from './answer-schemas.ts';
import { findImage } from './authorise.ts';
import type { ImagesDeps } from './deps.ts';
import { POLL_SECONDS } from './issue-uploads.ts';
import { ImageParams } from './request-schemas.ts';
import { defaulted } from './schema-parts.ts';

/** Seconds: the longest life that S3 gives a presigned URL (SigV4). */
const MAX_LIFE = 7 * 24 * 60 * 60;

/** A name that no file system takes for a path. */
const FILE_NAME = '^[^\\p{Cc}\\p{Cs}/\\\\]+$';

/**
 * GET /:id/url: a link to the WebP, valid for as long as the caller says. With `download` browsers save it under
 * that name.
 */
export const getImageUrl = (app: App, deps: ImagesDeps) =>
  app.get(
    '/:id/url',
    {
      config: {
        answers: { 200: { description: 'the link, and when it ends' } },
        problems: ['image_not_ready'],
      },
      schema: {
        operationId: 'getImageUrl',
        summary: 'Get a link to an image that is ready',
        params: ImageParams,
        querystring: Type.Object(
          {
            expiresIn: defaulted(
              Type.Integer({
                minimum: 60,
                maximum: MAX_LIFE,
                default: deps.config.URL_TTL_SECONDS,
                description: 'seconds that the link is valid, at most',
              }),
            ),
            download: Type.Optional(
              Type.String({
                minLength: 1,
                maxLength: 200,
                pattern: FILE_NAME,
                description: 'file name of 1 to 200 characters without control characters, / and \\',
                examples: ['red bicycle.webp'],
              }),
            ),
          },
          { additionalProperties: false },
        ),
        response: {
          200: succeeded({
            url: Type.String({ format: 'uri' }),
            expiresAt: Type.String({ format: 'date-time' }),
          }),
        },
      },
    },
    async (request, reply) => {
      const image = await findImage(deps.db, request.user, request.params.id, 'read');
      if (image.status !== 'ready' || !image.s3Key) {
        throw new Problem('image_not_ready', `The image is ${image.status}, not ready.`, {
          headers: TERMINAL_STATUSES.includes(image.status) ? {} : { 'retry-after': String(POLL_SECONDS) },
        });
      }
      const { expiresIn, download } = request.query;
      const { url, expiresAt } = await deps.links.signedUrl(image.s3Key, expiresIn, download);
      return reply.send({ success: true, url, expiresAt: expiresAt.toISOString() });
    },
  );
