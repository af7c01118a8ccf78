import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueForm } from '../src/images/issue-form.ts';
import { bearer, startApi, type TestApi } from './api.ts';
import { issue, post, rowOf } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ MAX_UPLOAD_BYTES: '1000000', MAX_PENDING_PER_OWNER: '12' });
});
afterAll(() => api.stop());

/** A request of a caller of its own, so that tests do not use up each other's forms. */
const request = (payload: unknown, options: { path?: string; sub?: string } = {}) =>
  api.app.inject({
    method: 'POST',
    url: `/api/images/${options.path ?? 'upload'}`,
    headers: { ...bearer({ sub: options.sub ?? crypto.randomUUID() }), 'content-type': 'application/json' },
    payload: JSON.stringify(payload),
  });

describe('a request for a form', () => {
  test('answers 201 with the pending image, where to find it, when to look, and the form', async () => {
    const response = await request({ contentType: 'image/jpeg' });

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
    const response = await request(
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
    const both = await request({ contentType: 'text/plain', size: -1 });
    expect(both.json().errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '#/contentType',
      '#/size',
    ]);

    const many = await request({ ...Object.fromEntries([...Array(1000).keys()].map((n) => [`f${n}`, n])) });
    expect(many.statusCode).toBe(400);
    expect(many.json().errors).toHaveLength(20);
  });

  test('of more unused forms than a caller may hold answers 429 and when to come back', async () => {
    for (let held = 0; held < 12; held++) await issue(api, {}, 'hoarder');

    const response = await request({ contentType: 'image/png' }, { sub: 'hoarder' });
    expect(response.statusCode).toBe(429);
    expect(response.json().code).toBe('too_many_pending');
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);

    const other = await request({ contentType: 'image/png' }, { sub: 'somebody else' });
    expect(other.statusCode).toBe(201);
  });
});

describe('a body', () => {
  const send = (contentType: string, payload: string) =>
    api.app.inject({
      method: 'POST',
      url: '/api/images/upload',
      headers: { ...bearer(), 'content-type': contentType },
      payload,
    });

  test.each([
    ['that is no JSON', 'application/json', '{"contentType"', 400, 'bad_request'],
    ['that poisons a prototype', 'application/json', '{"__proto__":{"x":1}}', 400, 'bad_request'],
    ['that is empty', 'application/json', '', 400, 'validation_failed'],
    ['of another media type', 'text/plain', 'hello', 415, 'unsupported_media_type'],
    ['that is an array', 'application/json', '[]', 400, 'validation_failed'],
    ['over 64 KiB', 'application/json', JSON.stringify({ alt: 'a'.repeat(70_000) }), 413, 'body_too_large'],
  ])('%s is refused', async (_name, contentType, payload, status, code) => {
    const response = await send(contentType, payload);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ status, code, success: false });
  });
});

describe('a request for several forms', () => {
  test('answers them in the order asked', async () => {
    const response = await request(
      { images: ['a', 'b', 'c'].map((alt) => ({ contentType: 'image/png', alt })) },
      { path: 'upload-many' },
    );

    expect(response.statusCode).toBe(201);
    const { success, images } = response.json();
    expect(success).toBe(true);
    expect(images.map(({ image }: { image: { alt: string } }) => image.alt)).toEqual(['a', 'b', 'c']);
    for (const { image, upload } of images) expect(upload.fields.key).toBe(`quarantine/${image.id}`);
  });

  test('is refused whole if one of them is, and writes nothing', async () => {
    const response = await request(
      { images: [{ contentType: 'image/png' }, { contentType: 'image/png', size: 0 }] },
      { path: 'upload-many', sub: 'careless' },
    );

    expect(response.statusCode).toBe(400);
    expect(response.json().errors).toEqual([
      { pointer: '#/images/1/size', detail: 'images.1.size must be a whole number from 1 to 1000000' },
    ]);
    const full = { images: Array(10).fill({ contentType: 'image/png' }) };
    // All twelve that this caller may hold are still to be had.
    expect((await request(full, { path: 'upload-many', sub: 'careless' })).statusCode).toBe(201);
  });

  test.each([
    ['none', []],
    ['more than ten', Array(11).fill({ contentType: 'image/png' })],
  ])('of %s is refused', async (_name, images) => {
    const response = await request({ images }, { path: 'upload-many' });
    expect(response.statusCode).toBe(400);
    expect(response.json().errors[0].pointer).toBe('#/images');
  });
});

describe('the form, at the S3 endpoint', () => {
  const jpeg = photo('portrait.jpg');
  const file = new Blob([new Uint8Array(jpeg)]);
  const head = (id: string) =>
    api.storage.s3.send(new HeadObjectCommand({ Bucket: api.storage.bucket, Key: `quarantine/${id}` }));

  test('takes the file that it was issued for', async () => {
    const sha256 = createHash('sha256').update(jpeg).digest('base64');
    const { image, upload } = await issue(api, { size: jpeg.length, sha256 }, 'carol');

    const response = await post(upload, file);

    expect(response.status).toBe(201);
    const stored = await api.storage.s3.send(
      new GetObjectCommand({ Bucket: api.storage.bucket, Key: `quarantine/${image.id}` }),
    );
    expect(stored.ContentType).toBe('image/jpeg');
    expect(Buffer.from((await stored.Body?.transformToByteArray()) ?? []).equals(jpeg)).toBe(true);
  });

  test.each<[string, Record<string, string | undefined>]>([
    ['another key', { key: 'quarantine/00000000-0000-4000-8000-000000000000' }],
    ['a key that everybody may read', { key: 'public/uploads/x.webp' }],
    ['another content type', { 'Content-Type': 'text/html' }],
    ['no content type', { 'Content-Type': undefined }],
    ['a field that nobody signed', { acl: 'public-read' }],
    ['metadata that nobody signed', { 'x-amz-meta-a': 'b' }],
    ['a redirect', { success_action_redirect: 'https://evil.example/' }],
    ['another signature', { 'X-Amz-Signature': '0'.repeat(64) }],
    [
      'another policy',
      { Policy: Buffer.from('{"expiration":"2099-01-01T00:00:00Z","conditions":[]}').toString('base64') },
    ],
    ['no policy', { Policy: undefined }],
  ])('refuses %s', async (_name, changes) => {
    const { image, upload } = await issue(api, {}, crypto.randomUUID());

    const response = await post(upload, file, changes);

    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    await expect(head(image.id)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  test.each<[string, object, number, string]>([
    ['one byte more than was pinned', { size: jpeg.length - 1 }, jpeg.length, 'EntityTooLarge'],
    ['one byte less than was pinned', { size: jpeg.length + 1 }, jpeg.length, 'EntityTooSmall'],
    ['one byte more than is ever allowed', {}, 1_000_001, 'EntityTooLarge'],
    ['nothing at all', {}, 0, 'EntityTooSmall'],
  ])('refuses %s', async (_name, asked, bytes, code) => {
    const { image, upload } = await issue(api, asked, crypto.randomUUID());

    const response = await post(upload, bytes === jpeg.length ? file : new Blob([new Uint8Array(bytes)]));

    expect(response.status).toBe(400);
    expect(await response.text()).toContain(`<Code>${code}</Code>`);
    await expect(head(image.id)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  test('refuses other bytes than those whose hash was pinned', async () => {
    const sha256 = createHash('sha256').update('something else').digest('base64');
    const { upload } = await issue(api, { sha256 }, 'dave');

    expect((await post(upload, file)).status).toBe(400);
    expect((await post(upload, file, { 'x-amz-checksum-sha256': undefined })).status).toBe(403);
  });

  test('refuses a form that has expired', async () => {
    const terms = {
      id: crypto.randomUUID(),
      contentType: 'image/jpeg',
      size: undefined,
      maxBytes: 1_000_000,
    };
    const { endpoint, region, bucket, credentials } = api.storage;
    const signer = new S3Client({ endpoint, region, credentials: credentials.api, forcePathStyle: true });
    const form = await issueForm(signer, bucket, { ...terms, sha256: undefined }, -1);
    signer.destroy();

    const response = await post(form, file);

    expect(response.status).toBe(403);
    expect(await response.text()).toContain('Policy expired');
  });
});
