import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api.ts';
import { requestForm } from './image-requests.ts';
import { issue, rowOf } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ MAX_UPLOAD_BYTES: '1000000', MAX_PENDING_PER_OWNER: '12' });
});
afterAll(() => api.stop());

describe('a request for a form', () => {
  test('answers 201 with the pending image, where to find it, when to look, and the form', async () => {
    const response = await requestForm(api, { contentType: 'image/jpeg' });

    expect(response.statusCode).toBe(201);
    const { success, image, upload } = response.json();
    expect(response.headers).toMatchObject({
      location: `/api/images/${image.id}`,
      'retry-after': '1',
      'cache-control': 'no-store',
    });
    expect(success).toBe(true);
    expect(image).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      status: 'pending',
      terminal: false,
      s3Key: null,
      url: null,
      width: null,
      height: null,
      sizeBytes: null,
      variants: [],
      thumbhash: null,
      placeholder: null,
      removedMetadata: [],
      alt: null,
      entityType: null,
      entityId: null,
      folder: 'uploads',
      visibility: 'private',
      rejection: null,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updatedAt: image.createdAt,
      readyAt: null,
      expiresAt: upload.expiresAt,
    });
    expect(upload).toMatchObject({
      method: 'POST',
      url: `${api.storage.endpoint}/${api.storage.bucket}`,
      fields: { key: `quarantine/${image.id}`, 'Content-Type': 'image/jpeg', success_action_status: '201' },
    });
    const life = new Date(upload.expiresAt).getTime() - Date.now();
    expect(life).toBeGreaterThan(295_000);
    expect(life).toBeLessThanOrEqual(300_000);
  });

  test('writes what was asked into the row', async () => {
    const asked = {
      contentType: 'image/HEIC; charset=binary',
      size: 4321,
      sha256: createHash('sha256').update('x').digest('base64'),
      filename: 'IMG 0042.HEIC',
      folder: 'shop/products_2026',
      visibility: 'public',
      // Composed when it is stored: an e and an accent become one character.
      alt: 'Cafe\u0301',
      entityType: 'product',
      entityId: 'sku:42',
    };
    const { image } = await issue(api, asked, 'bob');

    expect(image).toMatchObject({
      alt: 'Caf\u00e9',
      folder: 'shop/products_2026',
      visibility: 'public',
      entityType: 'product',
      entityId: 'sku:42',
    });
    expect(await rowOf(api, image.id)).toMatchObject({
      ownerId: 'bob',
      status: 'pending',
      contentType: 'image/heic',
      declaredSize: 4321,
      maxBytes: 1_000_000,
      sha256: asked.sha256,
      filename: 'IMG 0042.HEIC',
      formExpiresAt: new Date(image.expiresAt),
    });
  });

  test.each(['image/jpg', 'IMAGE/JPG; charset=binary'])(
    'takes %s for image/jpeg, in the row and in the form',
    async (contentType) => {
      const { image, upload } = await issue(api, { contentType });
      expect(upload.fields['Content-Type']).toBe('image/jpeg');
      expect((await rowOf(api, image.id))?.contentType).toBe('image/jpeg');
    },
  );

  test.each<[string, unknown, string, RegExp]>([
    ['no type', {}, '#/contentType', /is required: one of image\/jpeg, image\/png/],
    [
      'a type that cannot be an upload',
      { contentType: 'image/svg+xml' },
      '#/contentType',
      /one of image\/jpeg/,
    ],
    ['a type that is no string', { contentType: 7 }, '#/contentType', /must be string/],
    ['nothing to upload', { size: 0 }, '#/size', /a whole number from 1 to 1000000$/],
    ['one byte too many', { size: 1_000_001 }, '#/size', /from 1 to 1000000/],
    ['half a byte', { size: 1.5 }, '#/size', /a whole number/],
    ['a size in a string', { size: '5' }, '#/size', /a whole number/],
    ['a hash that is none', { sha256: 'abc' }, '#/sha256', /SHA-256 in base64/],
    ['a folder that climbs', { folder: '../public' }, '#/folder', /path segments of a-z, 0-9/],
    ['a folder with an empty segment', { folder: 'a//b' }, '#/folder', /path segments/],
    ['a long folder', { folder: 'a'.repeat(201) }, '#/folder', /200/],
    ['a visibility that is none', { visibility: 'secret' }, '#/visibility', /one of private, public/],
    ['a NUL', { alt: 'a\u0000b' }, '#/alt', /without control characters/],
    ['half a surrogate pair', { alt: 'a\ud800b' }, '#/alt', /without control characters/],
    ['a long description', { alt: 'a'.repeat(1001) }, '#/alt', /1000/],
    ['a line break in a file name', { filename: 'a\nb' }, '#/filename', /without control characters/],
    ['a long file name', { filename: 'a'.repeat(256) }, '#/filename', /255/],
    ['half an entity', { entityType: 'product' }, '#/entityId', /is required with entityType/],
    ['the other half', { entityId: '42' }, '#/entityType', /is required with entityId/],
    ['an entity that is a path', { entityType: 'a', entityId: '..' }, '#/entityId', /letters, digits/],
    [
      'an owner of its choice',
      { ownerId: 'bob' },
      '#/ownerId',
      /is not a field here; there are contentType,/,
    ],
    ['null for a field', { alt: null }, '#/alt', /must be string/],
  ])('with %s is refused with 400, the field and what is allowed', async (_name, wrong, pointer, detail) => {
    const response = await requestForm(
      api,
      wrong && Object.keys(wrong).length === 0 ? {} : { contentType: 'image/jpeg', ...(wrong as object) },
    );

    expect(response.statusCode).toBe(400);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    const problem = response.json();
    expect(problem).toMatchObject({
      type: '/docs/problems.md#validation_failed',
      status: 400,
      code: 'validation_failed',
      success: false,
      instance: '/api/images/upload',
      errors: [{ pointer, detail: expect.stringMatching(detail) }],
    });
    expect(problem.detail).toContain(problem.errors[0].detail);
    expect(problem.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  test('with several mistakes names each, and of a thousand no more than twenty', async () => {
    const both = await requestForm(api, { contentType: 'text/plain', size: -1 });
    expect(both.json().errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '#/contentType',
      '#/size',
    ]);

    const many = await requestForm(api, {
      ...Object.fromEntries([...Array(1000).keys()].map((n) => [`f${n}`, n])),
    });
    expect(many.statusCode).toBe(400);
    expect(many.json().errors).toHaveLength(20);
  });

  test('of more unused forms than a caller may hold answers 429 and when to come back', async () => {
    for (let held = 0; held < 12; held++) await issue(api, {}, 'hoarder');

    const response = await requestForm(api, { contentType: 'image/png' }, { sub: 'hoarder' });
    expect(response.statusCode).toBe(429);
    expect(response.json().code).toBe('too_many_pending');
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);

    const other = await requestForm(api, { contentType: 'image/png' }, { sub: 'somebody else' });
    expect(other.statusCode).toBe(201);
  });
});
