import { connectDb, reserveKey } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';
import { makeReady, objectsOf, post } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const ask = (key: string, payload: object, options: { sub?: string; path?: string } = {}) =>
  api.app.inject({
    method: 'POST',
    url: `/api/images/${options.path ?? 'upload'}`,
    headers: { ...bearer({ sub: options.sub ?? 'alice' }), 'idempotency-key': key },
    payload,
  });

describe('a request that is sent again under its key', () => {
  test('gets the same image with a fresh form, whatever the order of its fields', async () => {
    const key = crypto.randomUUID();
    const first = await ask(key, { contentType: 'image/png', alt: 'x' });
    const again = await ask(key, { alt: 'x', contentType: 'image/png' });

    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(again.statusCode).toBe(201);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.headers.location).toBe(first.headers.location);
    const { image, upload } = again.json();
    expect(image.id).toBe(first.json().image.id);
    expect((await post(upload, new Blob(['x']))).status).toBe(201);
    expect(await objectsOf(api, image.id)).toEqual([`quarantine/${image.id}`]);
  });

  test('gets the same images when it asked for several', async () => {
    const key = crypto.randomUUID();
    const images = Array.from({ length: 10 }, (_, at) => ({ contentType: 'image/png', alt: `${at}` }));
    const answers = [
      await ask(key, { images }, { path: 'upload-many' }),
      await ask(key, { images }, { path: 'upload-many' }),
    ].map((answer) => answer.json().images.map(({ image }: { image: { id: string } }) => image.id));
    expect(answers[0]).toHaveLength(10);
    expect(answers[1]).toEqual(answers[0]);
  });

  test('gets no form for an image that needs none any more, and 404 for one that was deleted', async () => {
    const key = crypto.randomUUID();
    const asked = { contentType: 'image/png' };
    const { image } = (await ask(key, asked)).json();
    await makeReady(api, image.id);

    const done = await ask(key, asked);
    expect(done.statusCode).toBe(201);
    expect(done.json()).toMatchObject({ image: { id: image.id, status: 'ready' } });
    expect(done.json().upload).toBeUndefined();

    await api.app.inject({ method: 'DELETE', url: `/api/images/${image.id}`, headers: bearer() });
    expect((await ask(key, asked)).json()).toMatchObject({ status: 404, code: 'image_not_found' });
  });

  test('by many at once makes one image', async () => {
    const key = crypto.randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => ask(key, { contentType: 'image/png' })),
    );
    const made = new Set(
      answers.filter(({ statusCode }) => statusCode === 201).map((answer) => answer.json().image.id),
    );
    expect(made.size).toBe(1);
    for (const refused of answers.filter(({ statusCode }) => statusCode !== 201)) {
      expect(refused.json()).toMatchObject({ status: 409, code: 'idempotency_key_in_flight' });
      expect(refused.headers['retry-after']).toBe('1');
    }
  });

  test('that died before or after it made its image makes one all the same', async () => {
    const asked = { contentType: 'image/png' };
    const count = async (sub: string) =>
      (await api.app.inject({ url: '/api/images', headers: bearer({ sub }) })).json().images.length;
    const { db, close } = connectDb(api.config.DATABASE_URL, { maxConnections: 1 });
    const relock = (sub: string) =>
      db.execute(
        `update idempotency_keys set locked_until = now() - interval '1 second' where owner_id = '${sub}'`,
      );
    try {
      const after = crypto.randomUUID();
      const { image } = (await ask('k', asked, { sub: after })).json();
      await relock(after);
      const again = await ask('k', asked, { sub: after });
      expect(again.json().image.id).toBe(image.id);
      expect(await count(after)).toBe(1);

      const before = crypto.randomUUID();
      await api.app.inject({
        method: 'DELETE',
        url: `/api/images/${image.id}`,
        headers: bearer({ sub: after }),
      });
      await db.execute(`update idempotency_keys set owner_id = '${before}' where owner_id = '${after}'`);
      await relock(before);
      expect((await ask('k', asked, { sub: before })).json().image.id).toBe(image.id);
      expect(await count(before)).toBe(1);
    } finally {
      await close();
    }
  });
});

test('another request under the same key is refused, of another caller it is not', async () => {
  const key = crypto.randomUUID();
  const first = await ask(key, { contentType: 'image/png' });
  const other = await ask(key, { contentType: 'image/jpeg' });
  expect(other.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
  const bobs = await ask(key, { contentType: 'image/jpeg' }, { sub: 'bob' });
  expect(bobs.statusCode).toBe(201);
  expect(bobs.json().image.id).not.toBe(first.json().image.id);
});

test('the same image asked for by the other route is another request', async () => {
  const key = crypto.randomUUID();
  const asked = { contentType: 'image/png' };
  expect((await ask(key, asked)).statusCode).toBe(201);
  const other = await ask(key, { images: [asked] }, { path: 'upload-many' });
  expect(other.json()).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
});

test('a request that was refused leaves its key free', async () => {
  const key = crypto.randomUUID();
  const small = await startApi({ MAX_PENDING_PER_OWNER: '1' });
  const askSmall = () =>
    small.app.inject({
      method: 'POST',
      url: '/api/images/upload',
      headers: { ...bearer(), 'idempotency-key': key },
      payload: { contentType: 'image/png' },
    });
  try {
    const { id } = (await askSmall()).json().image;
    expect((await askSmall()).json().image.id).toBe(id);
    const next = { ownerId: 'alice', key: 'next', fingerprint: 'x', imageIds: [id], lockSeconds: 60 };
    const refused = await small.app.inject({
      method: 'POST',
      url: '/api/images/upload',
      headers: { ...bearer(), 'idempotency-key': 'next' },
      payload: { contentType: 'image/png' },
    });
    expect(refused.statusCode).toBe(429);
    expect(await reserveKey(small.db.db, next)).toMatchObject({ outcome: 'reserved' });
  } finally {
    await small.stop();
  }
});

test.each(['with space', 'a'.repeat(256), 'ümlaut'])('a key like %s is refused', async (key) => {
  const response = await ask(key, { contentType: 'image/png' });
  expect(response.json()).toMatchObject({ status: 400, errors: [{ pointer: '#/idempotency-key' }] });
});
