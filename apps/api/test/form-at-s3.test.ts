import { createHash } from 'node:crypto';
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { issueForm } from '../src/images/issue-form.ts';
import { startApi, type TestApi } from './api.ts';
import { issue, post } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ MAX_UPLOAD_BYTES: '1000000' });
});
afterAll(() => api.stop());

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
