import { DeleteBucketCorsCommand, GetBucketCorsCommand, PutBucketCorsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { post, postSigned } from './form.ts';
import { presign } from './signed-request.ts';
import { answerOf, createBucket, put, refusal, removeBucket, s3, urlOf } from './storage.ts';

const ORIGIN = 'https://app.example.com';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
  await put(bucket, 'object');
  await s3.send(
    new PutBucketCorsCommand({
      Bucket: bucket,
      CORSConfiguration: {
        CORSRules: [
          {
            AllowedOrigins: [ORIGIN, 'https://*.preview.example.com'],
            AllowedMethods: ['GET', 'POST', 'PUT'],
            AllowedHeaders: ['content-type', 'x-amz-*'],
            ExposeHeaders: ['ETag'],
            MaxAgeSeconds: 3600,
          },
          { AllowedOrigins: ['*'], AllowedMethods: ['HEAD'] },
        ],
      },
    }),
  );
});
afterAll(() => removeBucket(bucket));

const preflight = (headers: Record<string, string>) =>
  fetch(urlOf(bucket, 'object'), { method: 'OPTIONS', headers });

const ask = (origin: string, method: string, headers?: string) =>
  preflight({
    Origin: origin,
    'Access-Control-Request-Method': method,
    ...(headers ? { 'Access-Control-Request-Headers': headers } : {}),
  });

subject('a preflight', () => {
  behaviour('of an allowed origin is granted', async () => {
    const { status, headers } = await ask(ORIGIN, 'PUT', 'Content-Type, x-amz-meta-note');
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('access-control-allow-methods')).toContain('PUT');
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('x-amz-meta-note');
    expect(headers.get('access-control-max-age')).toBe('3600');
    expect(headers.get('vary')?.toLowerCase()).toContain('origin');
  });

  behaviour('matches an origin with a wildcard', async () => {
    expect((await ask('https://pr-7.preview.example.com', 'GET')).status).toBe(200);
    expect((await ask('https://preview.example.com.evil.example', 'GET')).status).toBe(403);
  });

  behaviour('is answered * where any origin is allowed', async () => {
    const { headers } = await ask('https://anywhere.example', 'HEAD');
    expect(headers.get('access-control-allow-origin')).toBe('*');
  });

  behaviour('is refused as AccessForbidden for another origin, method or header', async () => {
    for (const question of [
      ask('https://evil.example', 'GET'),
      ask('http://app.example.com', 'GET'),
      ask(ORIGIN, 'DELETE'),
      ask(ORIGIN, 'GET', 'authorization'),
    ]) {
      const response = await question;
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect(await answerOf(response)).toMatchObject({ status: 403, code: 'AccessForbidden' });
    }
  });

  behaviour('without an Origin is refused', async () => {
    expect((await preflight({ 'Access-Control-Request-Method': 'GET' })).status).toBe(400);
  });

  behaviour('of a bucket without CORS is refused', async () => {
    const other = await createBucket();
    const headers = { Origin: ORIGIN, 'Access-Control-Request-Method': 'GET' };
    expect((await fetch(urlOf(other, 'x'), { method: 'OPTIONS', headers })).status).toBe(403);
    await removeBucket(other);
  });
});

subject('an answer to a page', () => {
  const headers = { Origin: ORIGIN };

  behaviour('names the origin and what it may see', async () => {
    const response = await fetch(await presign({ method: 'GET', path: `${bucket}/object` }), { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(response.headers.get('access-control-expose-headers')).toContain('ETag');
    expect(response.headers.get('vary')?.toLowerCase()).toContain('origin');
  });

  behaviour('is readable also where it is an error', async () => {
    const response = await fetch(urlOf(bucket, 'object'), { headers });
    expect(response.status).toBe(403);
    expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });

  behaviour('names nothing to another origin', async () => {
    const response = await fetch(urlOf(bucket, 'object'), { headers: { Origin: 'https://evil.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });

  behaviour('that posts a form is readable, refused or not', async () => {
    const accepted = await postSigned(bucket, 'form', 'x', { headers });
    expect(accepted.status).toBe(204);
    expect(accepted.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    const refused = await post(bucket, { fields: [['key', 'form']], file: 'x' }, headers);
    expect(refused.status).toBe(403);
    expect(refused.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  });
});

subject('a CORS configuration', () => {
  behaviour('comes back as it was put, and is gone once deleted', async () => {
    const other = await createBucket();
    const CORSRules = [
      {
        ID: 'site',
        AllowedOrigins: [ORIGIN],
        AllowedMethods: ['GET'],
        AllowedHeaders: ['*'],
        MaxAgeSeconds: 60,
      },
    ];
    await s3.send(new PutBucketCorsCommand({ Bucket: other, CORSConfiguration: { CORSRules } }));
    const back = await s3.send(new GetBucketCorsCommand({ Bucket: other }));
    expect(back.CORSRules).toMatchObject(CORSRules);
    await s3.send(new DeleteBucketCorsCommand({ Bucket: other }));
    expect(await refusal(s3.send(new GetBucketCorsCommand({ Bucket: other })))).toEqual({
      status: 404,
      code: 'NoSuchCORSConfiguration',
    });
    await removeBucket(other);
  });

  behaviour('with an unknown method is refused', async () => {
    const CORSRules = [{ AllowedOrigins: ['*'], AllowedMethods: ['PATCH'] }];
    const call = s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules } }));
    expect((await refusal(call)).status).toBe(400);
  });
});
