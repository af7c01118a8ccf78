import { claimImage } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api.ts';
import { get, readyImage, remove } from './image-requests.ts';
import { issue, objectsOf, rowOf } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('deletion', () => {
  test.each(['private', 'public'])(
    'of a %s one removes the row and every object, and the second is told that there is nothing',
    async (visibility) => {
      const id = await readyImage(api, { visibility });
      expect(await objectsOf(api, id)).toHaveLength(2);

      const first = await remove(api, id);
      expect(first.statusCode).toBe(204);
      expect(first.body).toBe('');

      expect(await objectsOf(api, id)).toEqual([]);
      expect(await rowOf(api, id)).toBeUndefined();
      expect((await get(api, id)).statusCode).toBe(404);
      expect((await remove(api, id)).statusCode).toBe(404);
    },
  );

  test.each([
    ['holds', 60],
    ['left half-way', -60],
  ])('of an image that a worker %s hides it at once and leaves the rest to the sweeper', async (_, lease) => {
    const { image } = await issue(api);
    await claimImage(api.db.db, image.id, lease);

    expect((await remove(api, image.id)).statusCode).toBe(204);

    expect((await rowOf(api, image.id))?.status).toBe('deleting');
    expect((await get(api, image.id)).statusCode).toBe(404);
    expect((await remove(api, image.id)).statusCode).toBe(404);
  });

  test('by two at once answers one 204', async () => {
    const id = await readyImage(api);
    const answers = await Promise.all([remove(api, id), remove(api, id), remove(api, id)]);
    expect(answers.filter(({ statusCode }) => statusCode === 204).length).toBeGreaterThanOrEqual(1);
    expect(await rowOf(api, id)).toBeUndefined();
  });
});
