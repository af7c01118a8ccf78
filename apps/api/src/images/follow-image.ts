import { Readable } from 'node:stream';
import { type Image as ImageRow, TERMINAL_STATUSES, type Viewer } from '@s3-image-app/db';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { App } from '../types.ts';
import { authorise, findImage } from './authorise.ts';
import type { ImagesDeps } from './deps.ts';
import { entityTag } from './entity-tag.ts';
import { imageDocument } from './image-document.ts';
import { patience } from './patience.ts';
import { ImageParams } from './request-schemas.ts';

/** Seconds after which a stream says that it is still there, or proxies would take it for dead. */
const SIGN_OF_LIFE = 15;

/** Seconds that a stream lasts at most; its token may expire meanwhile, and whoever wants more asks again. */
const MAX_STREAM = 300;

/**
 * GET /:id/events: the image as server-sent events, now and after each change of its status, to the last.
 * The token is in a header as everywhere, which EventSource cannot send: browsers read the stream by fetch.
 */
export const followImage = (app: App, deps: ImagesDeps) =>
  app.get(
    '/:id/events',
    {
      // It would wait for the stream's end.
      exposeHeadRoute: false,
      schema: {
        operationId: 'followImage',
        summary: 'Follow an image by server-sent events until its status is final',
        description:
          'Events named `image` hold the body of `GET /api/images/{id}`; `gone` says that the image has been deleted. ' +
          `After a final status, or ${MAX_STREAM} seconds, the stream ends.`,
        params: ImageParams,
        response: {
          200: {
            description: 'a stream of events',
            content: {
              'text/event-stream': {
                schema: Type.String({ examples: ['event: image\ndata: {"success":true,"image":{}}\n\n'] }),
              },
            },
          },
        },
      },
    },
    async (request, reply) => {
      const image = await findImage(deps.db, request.user, request.params.id, 'read');
      return reply
        .headers({
          'content-type': 'text/event-stream; charset=utf-8',
          'x-accel-buffering': 'no',
          // A server that is closing would wait for the connection to be idle long enough.
          connection: 'close',
        })
        .send(Readable.from(events(deps, request.user, image, reply)) as never);
    },
  );

async function* events(deps: ImagesDeps, caller: Viewer, first: ImageRow, reply: FastifyReply) {
  const end = patience(reply, MAX_STREAM);
  let image = first;
  yield await event(deps, image);
  while (!TERMINAL_STATUSES.includes(image.status)) {
    const moved = await deps.statuses.next(image.id, image.status, patience(reply, SIGN_OF_LIFE));
    if (end.aborted || deps.statuses.closed) return;
    if (!moved) {
      yield ': waiting\n\n';
    } else if (moved.image && authorise(caller, moved.image, 'read') === 'allow') {
      image = moved.image;
      yield await event(deps, image);
    } else {
      yield 'event: gone\ndata: {}\n\n';
      return;
    }
  }
}

async function event(deps: ImagesDeps, row: ImageRow): Promise<string> {
  const image = await imageDocument(row, deps);
  return `event: image\nid: ${entityTag(image)}\ndata: ${JSON.stringify({ success: true, image })}\n\n`;
}
