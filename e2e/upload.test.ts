import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import sharp from 'sharp';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { apiClient, postForm } from './api-client.ts';
import { keysOf, storeClient, tokenOf } from './service.ts';
import { inSeconds, makeToken } from './token.ts';

const fixture = readFileSync(new URL('./fixtures/photo.jpg', import.meta.url));
const small = new Uint8Array(fixture);
const text = new TextEncoder().encode('Not an image, but renamed from list.txt to list.jpg.');

const api = apiClient(inject('service').url);
const owner = `owner-${randomUUID()}`;
const token = tokenOf(owner);

/** A photo as a phone stores it: 12 megapixels, lying on its side, with EXIF that tells camera and place. */
async function phonePhoto(): Promise<Uint8Array<ArrayBuffer>> {
  const photo = await sharp(fixture)
    .autoOrient()
    .resize(4000, 3000, { fit: 'cover' })
    .withExif({
      IFD0: { Make: 'Example Phones', Model: 'One' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 30/1 0/1' },
    })
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 85 })
    .toBuffer();
  return new Uint8Array(photo);
}

describe('a 12-megapixel photo from a phone', () => {
  let photo: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    photo = await phonePhoto();
  });

  test('comes back as an upright WebP without metadata, and is gone from S3 once deleted', async () => {
    expect(await sharp(photo).metadata()).toMatchObject({ width: 4000, height: 3000, orientation: 6 });

    const { image, upload } = await api.askForForm(token, {
      contentType: 'image/jpeg',
      size: photo.length,
      visibility: 'private',
      alt: 'A shore',
    });
    expect(image).toMatchObject({ status: 'pending', terminal: false });
    expect([201, 204]).toContain((await postForm(upload, photo)).status);

    const ready = await api.untilTerminal(token, image.id);
    expect(ready).toMatchObject({ status: 'ready', rejection: null });
    expect(ready.height / ready.width).toBeCloseTo(4 / 3, 2);
    expect(await keysOf(image.id)).toEqual(
      expect.arrayContaining([ready.s3Key, ...ready.variants.map(({ s3Key }) => s3Key)]),
    );
    expect(await keysOf(image.id)).not.toContain(`quarantine/${image.id}`);

    const fetched = await fetch(ready.url);
    expect(fetched.status).toBe(200);
    expect(fetched.headers.get('content-type')).toBe('image/webp');
    const webp = Buffer.from(await fetched.arrayBuffer());
    expect(webp.length).toBe(ready.sizeBytes);
    const metadata = await sharp(webp).metadata();
    expect(metadata).toMatchObject({ format: 'webp', width: ready.width, height: ready.height });
    for (const kind of ['exif', 'xmp', 'iptc', 'orientation'] as const)
      expect(metadata[kind]).toBeUndefined();

    const deleteImage = () => api.call(`/api/images/${image.id}`, { method: 'DELETE', token });
    expect((await deleteImage()).status).toBe(204);
    expect((await api.call(`/api/images/${image.id}`, { token })).status).toBe(404);
    expect((await deleteImage()).status).toBe(404);
    expect(await keysOf(image.id)).toEqual([]);
    // 403 and not 404, because the API, which signed the link, may not know what keys there are.
    expect((await fetch(ready.url)).status).toBe(403);
  });
});

describe('a form is refused by S3', () => {
  const sized = () => api.askForForm(token, { contentType: 'image/jpeg', size: small.length });

  test.for<[what: string, changed: Record<string, string>]>([
    ['for another key', { key: `quarantine/${randomUUID()}` }],
    ['for a key where images are served from', { key: `public/uploads/${randomUUID()}.webp` }],
    ['for another content type', { 'Content-Type': 'text/html' }],
    ['with a field that it does not name', { acl: 'public-read' }],
    ['with another signature', { 'X-Amz-Signature': '0'.repeat(64) }],
  ])('%s', async ([, changed]) => {
    const { image, upload } = await sized();
    expect((await postForm({ ...upload, fields: { ...upload.fields, ...changed } }, small)).status).toBe(403);
    expect(await keysOf(image.id)).toEqual([]);
  });

  test('with a changed policy', async () => {
    const { image, upload } = await sized();
    const policy = JSON.parse(Buffer.from(upload.fields.Policy ?? '', 'base64').toString());
    const changed = JSON.stringify({
      ...policy,
      expiration: new Date(Date.now() + 86_400_000).toISOString(),
    });
    const fields = { ...upload.fields, Policy: Buffer.from(changed).toString('base64') };
    expect((await postForm({ ...upload, fields }, small)).status).toBe(403);
    expect(await keysOf(image.id)).toEqual([]);
  });

  test('with one byte too many, and with one too few', async () => {
    const { image, upload } = await sized();
    const larger = await postForm(upload, new Uint8Array([...small, 0]));
    expect(larger.status).toBe(400);
    expect(await larger.text()).toContain('EntityTooLarge');
    const smaller = await postForm(upload, small.slice(1));
    expect(smaller.status).toBe(400);
    expect(await smaller.text()).toContain('EntityTooSmall');
    expect(await keysOf(image.id)).toEqual([]);
  });

  test('once it has expired', async () => {
    const s3 = storeClient();
    const key = `quarantine/${randomUUID()}`;
    const { bucket } = inject('service').s3;
    const expired = await createPresignedPost(s3, { Bucket: bucket, Key: key, Expires: -1 });
    s3.destroy();
    const response = await postForm(expired, small);
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('expired');
    expect(await keysOf(key)).toEqual([]);
  });

  test('with other bytes than those whose SHA-256 it names', async () => {
    const sha256 = createHash('sha256').update(small).digest('base64');
    const { image, upload } = await api.askForForm(token, { contentType: 'image/jpeg', sha256 });
    const others = small.slice();
    others.fill(0, -10);
    const answer = await postForm(upload, others);
    if (inject('service').s3.ignoresSha256) {
      // Then the worker compares.
      expect([201, 204]).toContain(answer.status);
      expect(await api.untilTerminal(token, image.id)).toMatchObject({
        status: 'rejected',
        rejection: { code: 'checksum_mismatch' },
      });
      return;
    }
    expect(answer.status).toBe(400);
    expect(await keysOf(image.id)).toEqual([]);
    expect([201, 204]).toContain((await postForm(upload, small)).status);
    expect(await api.untilTerminal(token, image.id)).toMatchObject({ status: 'ready' });
  });
});

test('text that was renamed to .jpg is rejected with not_an_image, and nothing of it is left', async () => {
  const { image, upload } = await api.askForForm(token, { contentType: 'image/jpeg', filename: 'list.jpg' });
  expect([201, 204]).toContain((await postForm(upload, text)).status);
  expect(await api.untilTerminal(token, image.id)).toMatchObject({
    status: 'rejected',
    rejection: { code: 'not_an_image' },
  });
  await expect.poll(() => keysOf(image.id), { timeout: 10_000 }).toEqual([]);
});

describe('a request is answered 401', () => {
  const { jwtSecret } = inject('service');
  const claims = { sub: owner, exp: inSeconds(600) };

  test.for<[what: string, token: string | undefined]>([
    ['without a token', undefined],
    ['with an expired token', makeToken({ claims: { sub: owner, exp: inSeconds(-60) }, secret: jwtSecret })],
    [
      'with a token signed with another key',
      makeToken({ claims, secret: 'another secret, as long as it need be' }),
    ],
    ['with a token of alg none', makeToken({ claims, secret: '', alg: 'none' })],
  ])('%s', async ([, bad]) => {
    const init = bad ? { token: bad } : {};
    const body = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' };
    for (const response of [
      await api.call('/api/images/upload', { ...init, ...body }),
      await api.call(`/api/images/${randomUUID()}`, init),
    ]) {
      expect(response.status).toBe(401);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
    }
  });
});

test("somebody else's private image is not found, and a public one is", async () => {
  const stranger = tokenOf(`stranger-${randomUUID()}`);
  for (const [visibility, status] of [
    ['private', 404],
    ['public', 200],
  ] as const) {
    const { image, upload } = await api.askForForm(token, { contentType: 'image/jpeg', visibility });
    await postForm(upload, small);
    expect(await api.untilTerminal(token, image.id)).toMatchObject({ status: 'ready' });
    expect((await api.call(`/api/images/${image.id}`, { token: stranger })).status).toBe(status);
    expect((await api.call(`/api/images/${image.id}/url`, { token: stranger })).status).toBe(status);
    const deleted = await api.call(`/api/images/${image.id}`, { method: 'DELETE', token: stranger });
    expect(deleted.status).toBe(visibility === 'private' ? 404 : 403);
  }
});

test('S3 gives public images to pages of the allowed sites only, and private ones and originals to nobody', async () => {
  const { url, s3 } = inject('service');
  const anonymous = (key: string, referer?: string) =>
    fetch(`${s3.endpoint}/${s3.bucket}/${key}`, referer ? { headers: { referer } } : {});
  const ready = async (visibility: string) => {
    const { image, upload } = await api.askForForm(token, { contentType: 'image/jpeg', visibility });
    await postForm(upload, small);
    return api.untilTerminal(token, image.id);
  };

  const open = await ready('public');
  const allowed = await anonymous(open.s3Key, `${url}/gallery`);
  expect(allowed.status).toBe(200);
  expect(allowed.headers.get('content-type')).toBe('image/webp');
  expect((await anonymous(open.s3Key)).status).toBe(403);
  expect((await anonymous(open.s3Key, 'https://elsewhere.example/')).status).toBe(403);

  const closed = await ready('private');
  for (const key of [closed.s3Key, `quarantine/${randomUUID()}`]) {
    expect((await anonymous(key)).status).toBe(403);
    expect((await anonymous(key, `${url}/gallery`)).status).toBe(403);
  }
});
