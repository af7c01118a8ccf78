import { claimImage, settleRejected } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, ORIGIN, startApi, type TestApi } from './api.ts';
import { issue, makeReady, objectsOf, rowOf } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const get = (path: string, claims = {}, headers = {}) =>
  api.app.inject({ url: `/api/images/${path}`, headers: { ...bearer(claims), ...headers } });

const remove = (id: string, claims = {}) =>
  api.app.inject({ method: 'DELETE', url: `/api/images/${id}`, headers: bearer(claims) });

/** A ready image of alice's. */
async function ready(asked: object = {}): Promise<string> {
  const { image } = await issue(api, asked);
  await makeReady(api, image.id);
  return image.id;
}

describe('an image', () => {
  test('that is pending says when to look again', async () => {
    const { image } = await issue(api);

    const response = await get(image.id);

    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ success: true, image });
    expect(response.headers['retry-after']).toBe('1');
  });

  test('that is ready and private comes with links that nobody can do without', async () => {
    const id = await ready({ alt: 'a bicycle' });

    const response = await get(id);

    expect(response.headers['retry-after']).toBeUndefined();
    const { image } = response.json();
    expect(image).toMatchObject({
      id,
      status: 'ready',
      terminal: true,
      s3Key: `private/uploads/${id}.webp`,
      width: 1600,
      height: 1200,
      sizeBytes: 5,
      variants: [{ s3Key: `private/uploads/${id}-320w.webp`, width: 320, height: 240, sizeBytes: 5 }],
      thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI',
      placeholder: 'data:image/webp;base64,UklGRg==',
      removedMetadata: ['gps', 'camera'],
      alt: 'a bicycle',
      rejection: null,
      expiresAt: null,
      readyAt: expect.any(String),
    });
    for (const { url } of [image, ...image.variants]) {
      const fetched = await fetch(url);
      expect(fetched.status).toBe(200);
      expect(fetched.headers.get('content-type')).toBe('image/webp');
      expect((await fetch(url.split('?')[0])).status).toBe(403);
    }
  });

  test('that is ready and public comes with addresses that pages of allowed sites may show', async () => {
    const id = await ready({ visibility: 'public' });

    const { image } = (await get(id)).json();

    expect(image.url).toBe(`${api.storage.endpoint}/${api.storage.bucket}/public/uploads/${id}.webp`);
    expect(image.variants[0].url).toBe(image.url.replace('.webp', '-320w.webp'));
    expect((await fetch(image.url, { headers: { referer: `${ORIGIN}/` } })).status).toBe(200);
    expect((await fetch(image.url)).status).toBe(403);
  });

  test('that was rejected says why', async () => {
    const { image } = await issue(api);
    const claimed = await claimImage(api.db.db, image.id, 60);
    if (!claimed) throw new Error('not claimed');
    await settleRejected(api.db.db, claimed, { code: 'not_an_image', detail: 'The file is plain text.' });

    const response = await get(image.id);

    expect(response.json().image).toMatchObject({
      status: 'rejected',
      terminal: true,
      url: null,
      s3Key: null,
      rejection: { code: 'not_an_image', detail: 'The file is plain text.' },
    });
    expect(response.headers['retry-after']).toBeUndefined();
  });

  test('answers 304 while nothing changed, and in full once it did', async () => {
    const { image } = await issue(api);
    const etag = String((await get(image.id)).headers.etag);
    expect(etag).toMatch(/^"[\w-]+\.[\w-]+"$/);

    const same = await get(image.id, {}, { 'if-none-match': `"other", ${etag}` });
    expect(same.statusCode).toBe(304);
    expect(same.body).toBe('');
    expect(same.headers.etag).toBe(etag);
    expect(same.headers['retry-after']).toBe('1');

    await makeReady(api, image.id);
    const changed = await get(image.id, {}, { 'if-none-match': etag });
    expect(changed.statusCode).toBe(200);
    expect(changed.headers.etag).not.toBe(etag);
  });

  test.each(['nonsense', '00000000-0000-4000-8000-000000000000', "'; drop table images; --"])(
    'with an id like %s does not exist',
    async (id) => {
      const response = await get(encodeURIComponent(id));
      expect(response.statusCode).toBe(404);
      expect(response.json().code).toBe('image_not_found');
    },
  );
});

describe('a link', () => {
  test('to an image that is ready works, and is the same when asked again', async () => {
    const id = await ready();

    const response = await get(`${id}/url?expiresIn=600`);

    expect(response.statusCode).toBe(200);
    const { success, url, expiresAt } = response.json();
    expect(success).toBe(true);
    const life = new Date(expiresAt).getTime() - Date.now();
    expect(life).toBeGreaterThan(449_000);
    expect(life).toBeLessThanOrEqual(600_000);
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url.replace(id, '00000000-0000-4000-8000-000000000000'))).status).toBe(403);
    // Of two askings one may fall into the next window, of three at most one.
    const again = [await get(`${id}/url?expiresIn=600`), await get(`${id}/url?expiresIn=600`)];
    expect([url, again[0]?.json().url]).toContain(again[1]?.json().url);
  });

  test('to a public image needs no Referer, as native apps send none', async () => {
    const id = await ready({ visibility: 'public' });
    const { url } = (await get(`${id}/url`, { sub: 'bob' })).json();
    expect((await fetch(url)).status).toBe(200);
  });

  test('to an image that is not ready answers 409 and when to come back', async () => {
    const { image } = await issue(api);
    const response = await get(`${image.id}/url`);
    expect(response.statusCode).toBe(409);
    expect(response.json().code).toBe('image_not_ready');
    expect(response.headers['retry-after']).toBe('1');
  });

  test.each([
    '59',
    '604801',
    'soon',
    '1.5',
    '',
    '1e999',
    '0x1000',
    '1e3',
    '%20600',
    '+600',
    '600.0',
    '٦٠٠',
    '600&expiresIn=600',
  ])('of %s seconds is refused, and told what is allowed', async (expiresIn) => {
    const response = await get(`${await ready()}/url?expiresIn=${expiresIn}`);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toEqual([
      { pointer: '#/expiresIn', detail: 'expiresIn must be a whole number from 60 to 604800' },
    ]);
  });
});

describe('the images of an entity', () => {
  const entity = (entityId: string) => ({ entityType: 'product', entityId });

  test('come newest first, in pages that hold each once', async () => {
    const ids: string[] = [];
    for (let made = 0; made < 5; made++) ids.unshift((await issue(api, entity('42'))).image.id);

    const seen: string[] = [];
    let path: string | undefined = 'entity/product/42?limit=2';
    const sizes: number[] = [];
    while (path) {
      const response = await get(path);
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
    const open = await ready({ ...entity('mixed'), visibility: 'public' });
    const openPending = (await issue(api, { ...entity('mixed'), visibility: 'public' })).image.id;
    const listed = async (claims: object) =>
      (await get('entity/product/mixed', claims)).json().images.map(({ id }: { id: string }) => id);

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
    const response = await get(`entity/product/42?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json().errors[0].pointer).toBe(pointer);
  });

  test('of an entity with an impossible name are refused by its field', async () => {
    const response = await get('entity/pro%20duct/42');
    expect(response.json()).toMatchObject({ status: 400, errors: [{ pointer: '#/entityType' }] });
  });
});

describe('deletion', () => {
  test.each(['private', 'public'])(
    'of a %s one removes the row and every object, and the second is told that there is nothing',
    async (visibility) => {
      const id = await ready({ visibility });
      expect(await objectsOf(api, id)).toHaveLength(2);

      const first = await remove(id);
      expect(first.statusCode).toBe(204);
      expect(first.body).toBe('');

      expect(await objectsOf(api, id)).toEqual([]);
      expect(await rowOf(api, id)).toBeUndefined();
      expect((await get(id)).statusCode).toBe(404);
      expect((await remove(id)).statusCode).toBe(404);
    },
  );

  test.each([
    ['holds', 60],
    ['left half-way', -60],
  ])('of an image that a worker %s hides it at once and leaves the rest to the sweeper', async (_, lease) => {
    const { image } = await issue(api);
    await claimImage(api.db.db, image.id, lease);

    expect((await remove(image.id)).statusCode).toBe(204);

    expect((await rowOf(api, image.id))?.status).toBe('deleting');
    expect((await get(image.id)).statusCode).toBe(404);
    expect((await remove(image.id)).statusCode).toBe(404);
  });

  test('by two at once answers one 204', async () => {
    const id = await ready();
    const answers = await Promise.all([remove(id), remove(id), remove(id)]);
    expect(answers.filter(({ statusCode }) => statusCode === 204).length).toBeGreaterThanOrEqual(1);
    expect(await rowOf(api, id)).toBeUndefined();
  });
});

describe("somebody else's image", () => {
  const bob = { sub: 'bob' };

  test('that is private answers as one that does not exist, whatever is done', async () => {
    const id = await ready();
    const answers = [await get(id, bob), await get(`${id}/url`, bob), await remove(id, bob)];
    const unknown = await get('00000000-0000-4000-8000-000000000000', bob);
    for (const answer of answers) {
      expect(answer.statusCode).toBe(404);
      const { instance, traceId, ...rest } = answer.json();
      const { instance: _, traceId: __, ...same } = unknown.json();
      expect(rest).toEqual(same);
    }
    expect((await rowOf(api, id))?.status).toBe('ready');
  });

  test('that is public and ready may be looked at but not deleted', async () => {
    const id = await ready({ visibility: 'public' });
    expect((await get(id, bob)).statusCode).toBe(200);
    expect((await remove(id, bob)).statusCode).toBe(403);
  });

  test('that is public and still pending is hidden', async () => {
    const { image } = await issue(api, { visibility: 'public' });
    expect((await get(image.id, bob)).statusCode).toBe(404);
  });

  test('is open to an administrator', async () => {
    const id = await ready();
    const admin = { sub: 'root', role: 'admin' };
    expect((await get(id, admin)).statusCode).toBe(200);
    expect((await remove(id, admin)).statusCode).toBe(204);
  });
});
