import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { expect, onTestFinished, test, vi } from 'vitest';
import { clients, start } from './local-aws.ts';

const MIB = 1024 * 1024;

const encodeFields = (fields: Record<string, string>): string =>
  Object.entries(fields)
    .map(([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
    .join('');

test('a form may bring 50 MiB', async () => {
  const { endpoint } = await start();
  const { s3 } = clients(endpoint);
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  const file = new Blob([Buffer.alloc(50 * MIB, 'x')]);
  const form = await createPresignedPost(s3, {
    Bucket: 'bucket',
    Key: 'large',
    Conditions: [['content-length-range', 1, 50 * MIB]],
  });
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append('file', file, 'large.bin');
  expect((await fetch(form.url, { method: 'POST', body })).status).toBe(204);
  const { ContentLength, Body } = await s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'large' }));
  expect(ContentLength).toBe(50 * MIB);
  expect((await Body?.transformToByteArray())?.length).toBe(50 * MIB);
});

test('a form cut off behind its file leaves nothing', async () => {
  const { endpoint } = await start();
  const { s3 } = clients(endpoint);
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  const { fields } = await createPresignedPost(s3, { Bucket: 'bucket', Key: 'cut' });
  // The closing boundary is missing: the client may have had more to send.
  const body = `${encodeFields(fields)}--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nbytes\r\n`;
  const response = await fetch(`${endpoint}/bucket`, {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=b' },
    body,
  });
  expect(response.status).toBe(400);
  await expect(s3.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'cut' }))).rejects.toMatchObject({
    name: 'NoSuchKey',
  });
});

test('a form whose connection breaks leaves no bytes behind', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'local-aws-test-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const { endpoint } = await start({ dataDir });
  const { s3 } = clients(endpoint);
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
  const { fields } = await createPresignedPost(s3, { Bucket: 'bucket', Key: 'broken' });
  const broken = request(`${endpoint}/bucket`, {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=b', 'Content-Length': 1_000_000 },
  });
  broken.on('error', () => {});
  broken.write(`${encodeFields(fields)}--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nbytes`);
  const blobs = () => readdir(join(dataDir, 's3', 'blobs'));
  await vi.waitFor(async () => expect(await blobs()).toHaveLength(1));
  broken.destroy();
  await vi.waitFor(async () => expect(await blobs()).toEqual([]));
});
