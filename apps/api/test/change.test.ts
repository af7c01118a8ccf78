import { markDeleting } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';
import { issue, makeReady, rowOf } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const get = (id: string) => api.app.inject({ url: `/api/images/${id}`, headers: bearer() });

const change = (id: string, payload: object, headers: Record<string, string> = {}, claims = {}) =>
  api.app.inject({
    method: 'PATCH',
    url: `/api/images/${id}`,
    headers: { ...bearer(claims), ...headers },
    payload,
  });

describe('a change', () => {
  test('of the description is there in the answer, with its tag, and in the next look', async () => {
    const { image } = await issue(api, { alt: 'before', entityType: 'product', entityId: '1' });
    await makeReady(api, image.id);

    const response = await change(image.id, { alt: 'Cafe\u0301', entityType: 'post', entityId: '2' });

    expect(response.statusCode).toBe(200);
    expect(response.json().image).toMatchObject({ alt: 'Caf\u00e9', entityType: 'post', entityId: '2' });
    const seen = await get(image.id);
    expect(seen.json()).toEqual(response.json());
    expect(seen.headers.etag).toBe(response.headers.etag);
  });

  test('to null empties, and what is left out stays', async () => {
    const { image } = await issue(api, { alt: 'stays', entityType: 'product', entityId: '1' });
    const response = await change(image.id, { entityType: null, entityId: null });
    expect(response.json().image).toMatchObject({ alt: 'stays', entityType: null, entityId: null });
    expect(response.headers['retry-after']).toBe('1');
  });

  test('may be as long as is said, measured as it is kept', async () => {
    const { image } = await issue(api);
    // Two characters that compose to one, and one that falls into three.
    const answers = await Promise.all(
      ['e\u0301', '\ufb2c'].map((text) => change(image.id, { alt: text.repeat(1000) })),
    );
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 400]);
    expect((await get(image.id)).json().image.alt).toBe('\u00e9'.repeat(1000));
  });

  test('meant for an older image is refused, and of two at once one is', async () => {
    const { image } = await issue(api);
    const etag = String((await get(image.id)).headers.etag);
    const answers = await Promise.all(
      ['a', 'b'].map((alt) => change(image.id, { alt }, { 'if-match': etag })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 412]);
    const late = await change(image.id, { alt: 'c' }, { 'if-match': etag });
    expect(late.json()).toMatchObject({ status: 412, code: 'precondition_failed' });
    expect((await change(image.id, { alt: 'c' }, { 'if-match': `W/${etag}` })).statusCode).toBe(412);
    const now = String((await get(image.id)).headers.etag);
    expect((await change(image.id, { alt: 'd' }, { 'if-match': `"x", ${now}` })).statusCode).toBe(200);
    expect((await change(image.id, { alt: 'e' }, { 'if-match': '*' })).statusCode).toBe(200);
  });

  test('is not refused because links were signed anew, which is another tag', async () => {
    const { image } = await issue(api);
    await makeReady(api, image.id);
    vi.useFakeTimers({ toFake: ['Date'] });
    try {
      const seen = await get(image.id);
      const etag = String(seen.headers.etag);
      // Of an hour, as long as links are good.
      vi.setSystemTime(Date.now() + 900_000);
      const later = await get(image.id);
      expect(later.json().image).toEqual({
        ...seen.json().image,
        url: expect.any(String),
        variants: expect.any(Array),
      });
      expect(later.headers.etag).not.toBe(etag);
      const unknown = await api.app.inject({
        url: `/api/images/${image.id}`,
        headers: { ...bearer(), 'if-none-match': etag },
      });
      expect(unknown.statusCode).toBe(200);

      expect((await change(image.id, { alt: 'a' }, { 'if-match': etag })).statusCode).toBe(200);
      expect((await change(image.id, { alt: 'b' }, { 'if-match': etag })).statusCode).toBe(412);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each<[string, object, string]>([
    ['of nothing', {}, '#'],
    ['of the owner', { ownerId: 'bob' }, '#/ownerId'],
    ['of the status', { status: 'ready' }, '#/status'],
    ['of half an entity', { entityType: 'product' }, '#/entityId'],
    ['that empties half an entity', { entityType: null, entityId: '1' }, '#/entityId'],
    ['to a NUL', { alt: 'a\u0000' }, '#/alt'],
    ['to a number', { alt: 1 }, '#/alt'],
  ])('%s is refused by its field', async (_name, wrong, pointer) => {
    const { image } = await issue(api);
    const response = await change(image.id, wrong);
    expect(response.json()).toMatchObject({ status: 400, errors: [{ pointer }] });
  });

  test("of somebody else's image is refused, and of one that is going there is none", async () => {
    const { image } = await issue(api, { visibility: 'public' });
    expect((await change(image.id, { alt: 'x' }, {}, { sub: 'bob' })).statusCode).toBe(404);
    await makeReady(api, image.id);
    expect((await change(image.id, { alt: 'x' }, {}, { sub: 'bob' })).statusCode).toBe(403);
    expect((await rowOf(api, image.id))?.alt).toBeNull();
    await markDeleting(api.db.db, image.id);
    expect((await change(image.id, { alt: 'x' })).statusCode).toBe(404);
  });
});

describe('the list of images', () => {
  test("holds the caller's own by each filter, in pages", async () => {
    const sub = crypto.randomUUID();
    const ids: string[] = [];
    for (const asked of [{ folder: 'a' }, { folder: 'b' }, { folder: 'b', visibility: 'public' }]) {
      ids.unshift((await issue(api, asked, sub)).image.id);
    }
    const list = async (query: string, claims: Record<string, unknown> = { sub }) => {
      const response = await api.app.inject({ url: `/api/images${query}`, headers: bearer(claims) });
      expect(response.statusCode).toBe(200);
      return response.json();
    };
    const idsOf = async (query: string, claims?: Record<string, unknown>) =>
      (await list(query, claims)).images.map(({ id }: { id: string }) => id);

    expect(await idsOf('')).toEqual(ids);
    const { images, nextCursor } = await list('?limit=2&status=pending');
    expect(images).toHaveLength(2);
    expect(await idsOf(`?limit=2&status=pending&cursor=${nextCursor}`)).toEqual([ids[2]]);
    expect(await idsOf('?folder=a')).toEqual([ids[2]]);
    expect(await idsOf('?visibility=public&folder=b')).toEqual([ids[0]]);
    expect(await idsOf('?status=ready')).toEqual([]);
    expect(await idsOf(`?owner=${sub}`, { sub: 'bob' })).toEqual([]);
    expect(await idsOf(`?owner=${sub}`, { sub: 'root', role: 'admin' })).toEqual(ids);
  });

  test.each(['status=deleting', 'folder=../x', 'visibility=all', 'owner=', 'limit=0'])(
    'with %s is refused by that name',
    async (query) => {
      const response = await api.app.inject({ url: `/api/images?${query}`, headers: bearer() });
      expect(response.json()).toMatchObject({
        status: 400,
        errors: [{ pointer: `#/${query.split('=')[0]}` }],
      });
    },
  );
});

test('a link to save an image makes S3 say under which name', async () => {
  const { image } = await issue(api);
  await makeReady(api, image.id);
  const link = async (download: string) =>
    api.app.inject({
      url: `/api/images/${image.id}/url?download=${encodeURIComponent(download)}`,
      headers: bearer(),
    });
  const { url } = (await link('rotes Rad €.webp')).json();
  const fetched = await fetch(url);
  expect(fetched.status).toBe(200);
  expect(fetched.headers.get('content-disposition')).toBe(
    `attachment; filename="rotes Rad ?.webp"; filename*=UTF-8''rotes%20Rad%20%E2%82%AC.webp`,
  );
  for (const wrong of ['', 'a/b', '..\\x', 'a\nb']) expect((await link(wrong)).statusCode).toBe(400);
});
