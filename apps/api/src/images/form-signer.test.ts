import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { formSigner } from './form-signer.ts';
import { issueForm } from './issue-form.ts';
import { bucketUrlOf } from './links.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-25T10:00:00Z') }));
afterEach(() => void vi.useRealTimers());

const region = 'eu-central-1';
const key = { accessKeyId: 'AKID', secretAccessKey: 'secret' };
const endpoint = 'http://127.0.0.1:9000';

test.each<[string, string, S3ClientConfig & { endpoint?: string }]>([
  ['on AWS', 'images', { credentials: key }],
  ['on AWS with a name that no wildcard certificate covers', 'my.images', { credentials: key }],
  ['with a role’s temporary credentials', 'images', { credentials: { ...key, sessionToken: 'token' } }],
  ['at another endpoint', 'images', { credentials: key, endpoint }],
  ['at another endpoint, by path', 'images', { credentials: key, endpoint, forcePathStyle: true }],
])('makes the same form as the whole client: %s', async (_where, bucket, settings) => {
  const client = new S3Client({ region, ...settings });
  const signer = formSigner(client, bucketUrlOf(client, { bucket, region, endpoint: settings.endpoint }));
  const terms = {
    id: '0197ba1c-8a9e-7c3e-9d5e-3f1c2b7a6d10',
    contentType: 'image/jpeg',
    maxBytes: 1_000_000,
  };
  const expected = await issueForm(client, bucket, terms, 300);
  expect(await issueForm(signer, bucket, terms, 300)).toEqual(expected);
  // And once the key of the day is known.
  expect(await issueForm(signer, bucket, terms, 300)).toEqual(expected);
});

test('signs with the credentials that the client has by then', async () => {
  let accessKeyId = 'FIRST';
  const client = new S3Client({
    region,
    credentials: async () => ({ accessKeyId, secretAccessKey: 'secret', expiration: new Date() }),
  });
  const signer = formSigner(client, bucketUrlOf(client, { bucket: 'images', region }));
  const sign = () => issueForm(signer, 'images', { id: 'x', contentType: 'image/png', maxBytes: 1 }, 300);
  expect((await sign()).fields['X-Amz-Credential']).toContain('FIRST/');
  accessKeyId = 'SECOND';
  await vi.waitFor(async () => expect((await sign()).fields['X-Amz-Credential']).toContain('SECOND/'));
});
