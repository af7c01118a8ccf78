import { claimImage, markDeleting } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';
import { issue, makeReady } from './images.ts';
import { eventsOf, look } from './waiters.ts';

let api: TestApi;
let address: string;
beforeAll(async () => {
  api = await startApi({ MAX_PENDING_PER_OWNER: '100000' });
  address = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api.stop());

describe('a stream of events', () => {
  const follow = (id: string, claims = {}) =>
    fetch(`${address}/api/images/${id}/events`, { headers: bearer(claims) });

  test('tells the image as it is, each change of its status, and then ends', async () => {
    const { image } = await issue(api);
    const response = await follow(image.id);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');

    const statuses: string[] = [];
    for await (const { event, data } of eventsOf(response)) {
      expect(event).toBe('image');
      statuses.push(data.image.status);
      if (data.image.status === 'pending') await claimImage(api.db.db, image.id, -1);
      if (data.image.status === 'processing') await makeReady(api, image.id);
      if (data.image.terminal) expect(data).toEqual((await look(api, image.id)).json());
    }
    expect(statuses).toEqual(['pending', 'processing', 'ready']);
  });

  test('tells that the image is gone, and ends', async () => {
    const { image } = await issue(api);
    const told: unknown[] = [];
    for await (const { event } of eventsOf(await follow(image.id))) {
      told.push(event);
      if (event === 'image') await markDeleting(api.db.db, image.id);
    }
    expect(told).toEqual(['image', 'gone']);
  });

  test('is not for those who may not see the image', async () => {
    const { image } = await issue(api);
    const refused = await follow(image.id, { sub: 'bob' });
    expect(refused.status).toBe(404);
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });
});
