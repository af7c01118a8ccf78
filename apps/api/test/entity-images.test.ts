import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api.ts';
import { get, readyImage } from './image-requests.ts';
import { issue } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('the images of an entity', () => {
  const entity = (entityId: string) => ({ entityType: 'product', entityId });

  test('come newest first, in pages that hold each once', async () => {
    const ids: string[] = [];
    for (let made = 0; made < 5; made++) ids.unshift((await issue(api, entity('42'))).image.id);

    const seen: string[] = [];
    let path: string | undefined = 'entity/product/42?limit=2';
    const sizes: number[] = [];
    while (path) {
      const response = await get(api, path);
      const { success, images, nextCursor } = response.json();
      expect(success).toBe(true);
      sizes.push(images.length);
      seen.push(...images.map(({ id }: { id: string }) => id));
      const next = /^<\/api\/images\/(.+)>; rel="next"$/.exec(String(response.headers.link ?? ''))?.[1];
      expect(next === undefined).toBe(nextCursor === null);
      if (next) expect(next).toContain(`cursor=${nextCursor}`);
      path = next;
    }
    expect(sizes).toEqual([2, 2, 1]);
    expect(seen).toEqual(ids);
  });

  test('are those that the caller may see', async () => {
    const mine = (await issue(api, entity('mixed'))).image.id;
    const open = await readyImage(api, { ...entity('mixed'), visibility: 'public' });
    const openPending = (await issue(api, { ...entity('mixed'), visibility: 'public' })).image.id;
    const listed = async (claims: object) =>
      (await get(api, 'entity/product/mixed', claims)).json().images.map(({ id }: { id: string }) => id);

    expect(await listed({})).toEqual([openPending, open, mine]);
    expect(await listed({ sub: 'bob' })).toEqual([open]);
    expect(await listed({ sub: 'root', role: 'admin' })).toEqual([openPending, open, mine]);
  });

  test.each([
    ['limit=0', '#/limit'],
    ['limit=101', '#/limit'],
    ['limit=many', '#/limit'],
    ['limit=1e999', '#/limit'],
    ['limit=1e1', '#/limit'],
    ['limit=0x10', '#/limit'],
    ['limit=-1', '#/limit'],
    ['cursor=bm9uc2Vuc2U', '#/cursor'],
    ['page=2', '#/page'],
  ])('with %s are refused', async (query, pointer) => {
    const response = await get(api, `entity/product/42?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors[0].pointer).toBe(pointer);
  });

  test('of an entity with an impossible name are refused by its field', async () => {
    const response = await get(api, 'entity/pro%20duct/42');
    expect(response.json()).toMatchObject({ status: 400, errors: [{ pointer: '#/entityType' }] });
  });
});
