import { claimImage, settleRejected } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ORIGIN, startApi, type TestApi } from './api.ts';
import { get, readyImage } from './image-requests.ts';
import { issue, makeReady } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('an image', () => {
  test('that is pending says when to look again', async () => {
    const { image } = await issue(api);

    const response = await get(api, image.id);

    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ success: true, image });
    expect(response.headers['retry-after']).toBe('1');
  });

  test('that is ready and private comes with links that nobody can do without', async () => {
    const id = await readyImage(api, { alt: 'a bicycle' });

    const response = await get(api, id);

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
    const id = await readyImage(api, { visibility: 'public' });

    const { image } = (await get(api, id)).json();

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

    const response = await get(api, image.id);

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
    const etag = String((await get(api, image.id)).headers.etag);
    expect(etag).toMatch(/^"[\w-]+\.[\w-]+"$/);

    const same = await get(api, image.id, {}, { 'if-none-match': `"other", ${etag}` });
    expect(same.statusCode).toBe(304);
    expect(same.body).toBe('');
    expect(same.headers.etag).toBe(etag);
    expect(same.headers['retry-after']).toBe('1');

    await makeReady(api, image.id);
    const changed = await get(api, image.id, {}, { 'if-none-match': etag });
    expect(changed.statusCode).toBe(200);
    expect(changed.headers.etag).not.toBe(etag);
  });

  test.each(['nonsense', '00000000-0000-4000-8000-000000000000', "'; drop table images; --"])(
    'with an id like %s does not exist',
    async (id) => {
      const response = await get(api, encodeURIComponent(id));
      expect(response.statusCode).toBe(404);
      expect(response.json().code).toBe('image_not_found');
    },
  );
});
