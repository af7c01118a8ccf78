import type { Image as ImageRow, PageCursor } from '@s3-image-app/db';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { invalid } from '../plugins/validation.ts';
import { Image, succeeded } from './answer-schemas.ts';
import type { ImagesDeps } from './deps.ts';
import { imageDocument } from './image-document.ts';
import { defaulted, orNull } from './schema-parts.ts';

/** What the query string of a list may hold, beside its filters. */
export const pageQuery = {
  limit: defaulted(Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'images a page' })),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: 'the nextCursor of the page before' })),
};

export const Page = succeeded({
  images: Type.Array(Image),
  nextCursor: orNull(Type.String({ description: 'asks for the next page; null on the last' })),
});

/** Answers with a page of what was found, and where the next one is. `rows` as `cutPage` takes them. */
export async function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: ImagesDeps,
  { rows, limit }: { rows: ImageRow[]; limit: number },
): Promise<FastifyReply> {
  const { shown, nextCursor } = cutPage(rows, limit);
  if (nextCursor) reply.header('link', nextLink(request.url, nextCursor));
  const images = await Promise.all(shown.map((row) => imageDocument(row, deps)));
  return reply.send({ success: true, images, nextCursor } satisfies Static<typeof Page>);
}

/** Cuts what was found to a page. `rows` holds up to one more than `limit`, which tells that there is another page. */
export function cutPage(rows: ImageRow[], limit: number): { shown: ImageRow[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { shown, nextCursor: last && rows.length > limit ? encodeCursor(last) : null };
}

/** The `Link` header for the page after the one at `url` (RFC 8288). */
export function nextLink(url: string, nextCursor: string): string {
  // A query may hold another ?, and a request may name the whole address (RFC 9112, section 3.2.2).
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  searchParams.set('cursor', nextCursor);
  return `<${pathname}?${searchParams}>; rel="next"`;
}

/** Opaque to callers, so that it may change. */
const encodeCursor = ({ createdAt, id }: PageCursor): string =>
  Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url');

/** Milliseconds of 13 digits end in the year 2286; far later ones are no timestamps to PostgreSQL. */
const CURSOR = /^(\d{1,13})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** @throws {Problem} validation_failed, for anything that encodeCursor did not make */
export function decodeCursor(cursor: string): PageCursor {
  const [, time, id] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (time === undefined || id === undefined) {
    throw invalid([{ pointer: '#/cursor', detail: 'cursor must be the nextCursor of an earlier page' }]);
  }
  return { createdAt: new Date(Number(time)), id };
}
