import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api.ts';
import { get, readyImage, remove } from './image-requests.ts';
import { issue, rowOf } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe("somebody else's image", () => {
  const bob = { sub: 'bob' };

  test('that is private answers as one that does not exist, whatever is done', async () => {
    const id = await readyImage(api);
    const answers = [await get(api, id, bob), await get(api, `${id}/url`, bob), await remove(api, id, bob)];
    const unknown = await get(api, '00000000-0000-4000-8000-000000000000', bob);
    for (const answer of answers) {
      expect(answer.statusCode).toBe(404);
      const { instance, traceId, ...rest } = answer.json();
      const { instance: _, traceId: __, ...same } = unknown.json();
      expect(rest).toEqual(same);
    }
    expect((await rowOf(api, id))?.status).toBe('ready');
  });

  test('that is public and ready may be looked at but not deleted', async () => {
    const id = await readyImage(api, { visibility: 'public' });
    expect((await get(api, id, bob)).statusCode).toBe(200);
    expect((await remove(api, id, bob)).statusCode).toBe(403);
  });

  test('that is public and still pending is hidden', async () => {
    const { image } = await issue(api, { visibility: 'public' });
    expect((await get(api, image.id, bob)).statusCode).toBe(404);
  });

  test('is open to an administrator', async () => {
    const id = await readyImage(api);
    const admin = { sub: 'root', role: 'admin' };
    expect((await get(api, id, admin)).statusCode).toBe(200);
    expect((await remove(api, id, admin)).statusCode).toBe(204);
  });
});
