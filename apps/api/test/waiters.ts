import { createImages, type Image } from '@s3-image-app/db';
import type { LightMyRequestResponse } from 'fastify';
import { expect, vi } from 'vitest';
import type { App } from '../src/types.ts';
import { bearer, type TestApi } from './api.ts';

/** A look at an image of alice's, which waits for news unless other headers are given. */
export const look = (
  api: TestApi,
  id: string,
  headers: Record<string, string> = { prefer: 'wait=20' },
): Promise<LightMyRequestResponse> =>
  api.app.inject({ url: `/api/images/${id}`, headers: { ...bearer(), ...headers } });

/** Resolves once so many requests wait. */
export const waiting = (app: App, count: number): Promise<void> =>
  vi.waitFor(
    async () => {
      const { body } = await app.inject({ url: '/metrics' });
      expect(body).toMatch(new RegExp(`^api_waiting_requests ${count}$`, 'm'));
    },
    { timeout: 15_000 },
  );

/** A look that is being held. The answer comes in `answer`. */
export async function holdLook(
  api: TestApi,
  id: string,
): Promise<{ answer: Promise<LightMyRequestResponse> }> {
  const answer = look(api, id);
  await waiting(api.app, 1);
  return { answer };
}

/** Rows written straight into the database, for tests that need many. */
export const rows = (api: TestApi, count: number): Promise<Image[]> =>
  createImages(
    api.db.db,
    Array.from({ length: count }, () => ({
      id: crypto.randomUUID(),
      ownerId: 'alice',
      contentType: 'image/jpeg',
      maxBytes: 1000,
      formExpiresAt: new Date(Date.now() + 600_000),
      folder: 'uploads',
      visibility: 'private' as const,
    })),
  );

/** The events of a stream, as they come. */
export async function* eventsOf(
  response: Response,
): AsyncGenerator<{ event: string | undefined; data: ReturnType<typeof JSON.parse> }> {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      yield { event: field('event'), data: JSON.parse(field('data') ?? 'null') };
    }
  }
}
