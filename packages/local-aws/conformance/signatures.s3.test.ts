import { createHash } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { presign, send } from './signed-request.ts';
import { answerOf, createBucket, exists, put, removeBucket, s3, target } from './storage.ts';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
  await put(bucket, 'object');
});
afterAll(() => removeBucket(bucket));

const MINUTE = 60_000;
const get = () => ({ method: 'GET', path: `${bucket}/object` });

subject('a signed request', () => {
  behaviour('is served', async () => {
    expect((await send(get())).status).toBe(200);
  });

  behaviour('of another secret is refused as SignatureDoesNotMatch', async () => {
    const keys = { ...target.root, secretAccessKey: 'not-the-secret' };
    expect(await answerOf(await send({ ...get(), keys }))).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
  });

  behaviour('of an unknown access key is refused as InvalidAccessKeyId', async () => {
    const keys = { accessKeyId: 'NOSUCHKEY', secretAccessKey: 'secret' };
    expect(await answerOf(await send({ ...get(), keys }))).toMatchObject({
      status: 403,
      code: 'InvalidAccessKeyId',
    });
  });

  behaviour('whose clock is off by more than 15 minutes is refused', async () => {
    for (const offset of [-16 * MINUTE, 16 * MINUTE]) {
      const answer = await answerOf(await send({ ...get(), signedAt: new Date(Date.now() + offset) }));
      expect(answer).toMatchObject({ status: 403, code: 'RequestTimeTooSkewed' });
    }
  });

  behaviour('without a signature is nobody’s', async () => {
    expect(await answerOf(await fetch(`${target.endpoint}/${bucket}/object`))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
  });

  behaviour('is refused with x-amz- headers that were not signed', async () => {
    const response = await send({
      method: 'PUT',
      path: `${bucket}/smuggled`,
      body: 'x',
      unsigned: { 'x-amz-meta-note': 'smuggled' },
    });
    expect(response.status).toBe(403);
    expect(await exists(bucket, 'smuggled')).toBe(false);
  });

  behaviour('is refused with another body than the one that was signed', async () => {
    const payloadHash = createHash('sha256').update('signed').digest('hex');
    const answer = await answerOf(
      await send({ method: 'PUT', path: `${bucket}/swapped`, body: 'sent', payloadHash }),
    );
    expect(answer).toMatchObject({ status: 400, code: 'XAmzContentSHA256Mismatch' });
    expect(await exists(bucket, 'swapped')).toBe(false);
  });

  behaviour('may leave its body unsigned', async () => {
    const payloadHash = 'UNSIGNED-PAYLOAD';
    expect((await send({ method: 'PUT', path: `${bucket}/loose`, body: 'x', payloadHash })).status).toBe(200);
  });

  behaviour('may be for a key of any characters', async () => {
    const Key = "odd/ä b+c/(d)!'e*~&=;@$,:?#%/中文/😀";
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'odd' }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    expect(await Body?.transformToString()).toBe('odd');
    const presigned = await fetch(await getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key })));
    expect(await presigned.text()).toBe('odd');
  });
});

subject('a body in aws-chunked encoding', () => {
  const chunked = (key: string, checksum: string) =>
    send({
      method: 'PUT',
      path: `${bucket}/${key}`,
      payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      headers: {
        'content-encoding': 'aws-chunked',
        'x-amz-decoded-content-length': '11',
        'x-amz-trailer': 'x-amz-checksum-sha256',
      },
      body: `6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-sha256:${checksum}\r\n\r\n`,
    });
  const right = createHash('sha256').update('hello world').digest('base64');
  const wrong = createHash('sha256').update('other').digest('base64');

  behaviour('is decoded', async () => {
    expect((await chunked('chunked', right)).status).toBe(200);
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'chunked' }));
    expect(await object.Body?.transformToString()).toBe('hello world');
    expect(object.ContentLength).toBe(11);
  });

  behaviour('does not become the object’s Content-Encoding', async () => {
    await chunked('chunked', right);
    const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'chunked' }));
    expect(object.ContentEncoding).toBeUndefined();
  });

  behaviour('is refused where its trailing checksum is wrong', async () => {
    expect(await answerOf(await chunked('chunked-wrong', wrong))).toMatchObject({
      status: 400,
      code: 'BadDigest',
    });
    expect(await exists(bucket, 'chunked-wrong')).toBe(false);
  });
});

subject('a presigned URL', () => {
  behaviour('is served for what it was signed for', async () => {
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: bucket, Key: 'object' }));
    expect(await (await fetch(url)).text()).toBe('content of object');
  });

  behaviour('may be for PUT', async () => {
    const url = await presign({ method: 'PUT', path: `${bucket}/presigned` });
    expect((await fetch(url, { method: 'PUT', body: 'put' })).status).toBe(200);
    expect(await exists(bucket, 'presigned')).toBe(true);
  });

  behaviour('is refused for another key', async () => {
    const url = await presign(get());
    expect(await answerOf(await fetch(url.replace('/object?', '/other?')))).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
  });

  behaviour('is refused for another method', async () => {
    const answer = await answerOf(await fetch(await presign(get()), { method: 'DELETE' }));
    expect(answer).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
    expect(await exists(bucket, 'object')).toBe(true);
  });

  behaviour('is refused once it has expired', async () => {
    const url = await presign({ ...get(), signedAt: new Date(Date.now() - MINUTE), expiresIn: 30 });
    expect(await answerOf(await fetch(url))).toMatchObject({ status: 403, code: 'AccessDenied' });
  });

  behaviour('is refused with a later expiry than was signed', async () => {
    const url = await presign({ ...get(), expiresIn: 30 });
    const answer = await answerOf(await fetch(url.replace('X-Amz-Expires=30', 'X-Amz-Expires=3000')));
    expect(answer).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
  });

  behaviour('is refused for more than a week', async () => {
    const url = (await presign(get())).replace('X-Amz-Expires=300', 'X-Amz-Expires=604801');
    expect((await fetch(url)).status).toBeGreaterThanOrEqual(400);
  });

  behaviour('is refused with x-amz- headers that were not signed', async () => {
    const url = await presign({ method: 'PUT', path: `${bucket}/presigned-extra` });
    const headers = { 'x-amz-meta-note': 'smuggled' };
    expect((await fetch(url, { method: 'PUT', body: 'x', headers })).status).toBe(403);
    expect(await exists(bucket, 'presigned-extra')).toBe(false);
  });

  behaviour('says how the object is presented', async () => {
    const url = await presign({
      ...get(),
      query: {
        'response-content-disposition': 'attachment; filename="a.txt"',
        'response-content-type': 'text/x-test',
      },
    });
    const { headers } = await fetch(url);
    expect(headers.get('content-disposition')).toBe('attachment; filename="a.txt"');
    expect(headers.get('content-type')).toBe('text/x-test');
  });
});
