import { createImages, markDeleting } from '@s3-image-app/db';
import type { LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const add = (count: number) =>
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
      entityType: 'album',
      entityId: '1',
    })),
  );

test.each(['/api/images/entity/album/1', '/api/images'])(
  'pages of %s hold each of ten thousand images once, while others come and go',
  async (path) => {
    await api.db.db.execute('delete from images');
    const there = new Set<string>();
    // Of a thousand rows each, which share their moment of creation: the id decides.
    for (let batch = 0; batch < 10; batch++) for (const { id } of await add(1_000)) there.add(id);

    const seen: string[] = [];
    const deletedAhead = new Set<string>();
    const ids = [...there];
    let next: string | undefined = `${path}?limit=100`;
    while (next) {
      const response: LightMyRequestResponse = await api.app.inject({ url: next, headers: bearer() });
      expect(response.statusCode).toBe(200);
      seen.push(...response.json().images.map(({ id }: { id: string }) => id));
      next = /^<(.+)>; rel="next"$/.exec(String(response.headers.link ?? ''))?.[1];
      await add(1);
      const victim = ids[Math.floor(Math.random() * ids.length)] as string;
      if (!seen.includes(victim)) deletedAhead.add(victim);
      await markDeleting(api.db.db, victim);
    }
    expect(seen).toHaveLength(new Set(seen).size);
    // None is missing but what was deleted before its page came, and none is there that was added on the way.
    expect(new Set(seen)).toEqual(new Set(ids.filter((id) => !deletedAhead.has(id))));
  },
  60_000,
);
