import { DeleteBucketPolicyCommand, GetObjectCommand, PutPublicAccessBlockCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { setPolicy } from './bucket-policy.ts';
import { answerOf, createBucket, put, removeBucket, s3, target, urlOf } from './storage.ts';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
  for (const key of ['public/a', 'private/a']) await put(bucket, key);
});
afterAll(() => removeBucket(bucket));

const anonymously = (key: string, headers: Record<string, string> = {}) =>
  fetch(urlOf(bucket, key), { headers });
const statusOf = async (key: string, headers?: Record<string, string>) =>
  (await anonymously(key, headers)).status;

subject('a request without a signature', () => {
  beforeEach(() => s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket })));

  behaviour('reads nothing where no policy allows it', async () => {
    expect(await answerOf(await anonymously('public/a'))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
  });

  behaviour('reads what the bucket policy allows everybody, and nothing else', async () => {
    await setPolicy(bucket, {});
    expect(await statusOf('public/a')).toBe(200);
    expect(await statusOf('private/a')).toBe(403);
    expect((await fetch(urlOf(bucket, 'public/new'), { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await fetch(urlOf(bucket, 'public/a'), { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(urlOf(bucket))).status).toBe(403);
  });

  behaviour('reads with an allowed Referer only where the policy asks for one', async () => {
    const Condition = { StringLike: { 'aws:Referer': ['https://app.example.com/*', 'https://b.example/*'] } };
    await setPolicy(bucket, { Condition });
    expect(await statusOf('public/a', { Referer: 'https://app.example.com/page' })).toBe(200);
    expect(await statusOf('public/a', { Referer: 'https://b.example/' })).toBe(200);
    expect(await statusOf('public/a', { Referer: 'https://app.example.com.evil.example/' })).toBe(403);
    expect(await statusOf('public/a', { Referer: 'https://evil.example/https://app.example.com/' })).toBe(
      403,
    );
    expect(await statusOf('public/a')).toBe(403);
    expect(await statusOf('private/a', { Referer: 'https://app.example.com/page' })).toBe(403);
  });

  behaviour('is refused by an explicit Deny whatever is allowed', async () => {
    await setPolicy(bucket, { path: '/*' }, { Effect: 'Deny', Action: 's3:*', path: '/private/*' });
    expect(await statusOf('public/a')).toBe(200);
    expect(await statusOf('private/a')).toBe(403);
  });

  behaviour('is refused by a Deny of anonymous principals, and signed ones are not', async () => {
    await setPolicy(
      bucket,
      { path: '/*' },
      {
        Effect: 'Deny',
        Action: 's3:*',
        path: '/private/*',
        Condition: { StringEquals: { 'aws:PrincipalType': 'Anonymous' } },
      },
    );
    expect(await statusOf('public/a')).toBe(200);
    expect(await statusOf('private/a')).toBe(403);
    await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'private/a' }));
  });

  behaviour('without a Referer matches StringNotLike', async () => {
    const Condition = { StringNotLike: { 'aws:Referer': 'https://app.example.com/*' } };
    await setPolicy(bucket, {}, { Effect: 'Deny', Condition });
    expect(await statusOf('public/a', { Referer: 'https://app.example.com/' })).toBe(200);
    expect(await statusOf('public/a')).toBe(403);
  });

  behaviour('without a Referer matches Null', async () => {
    await setPolicy(bucket, {}, { Effect: 'Deny', Condition: { Null: { 'aws:Referer': 'true' } } });
    expect(await statusOf('public/a', { Referer: 'https://any.example/' })).toBe(200);
    expect(await statusOf('public/a')).toBe(403);
  });

  behaviour('over plain HTTP is refused where the policy demands TLS', async () => {
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    await setPolicy(bucket, {}, { Effect: 'Deny', Condition });
    const expected = target.endpoint.startsWith('https:') ? 200 : 403;
    expect(await statusOf('public/a')).toBe(expected);
  });

  behaviour('learns of a missing key only where it may list', async () => {
    await setPolicy(bucket, {});
    expect(await answerOf(await anonymously('public/none'))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
    await setPolicy(bucket, {}, { Action: 's3:ListBucket', path: '' });
    expect(await answerOf(await anonymously('public/none'))).toMatchObject({
      status: 404,
      code: 'NoSuchKey',
    });
  });

  behaviour('is refused by RestrictPublicBuckets even where the policy allows it', async () => {
    await setPolicy(bucket, {});
    const restrict = (RestrictPublicBuckets: boolean) =>
      s3.send(
        new PutPublicAccessBlockCommand({
          Bucket: bucket,
          PublicAccessBlockConfiguration: { RestrictPublicBuckets },
        }),
      );
    await restrict(true);
    expect(await statusOf('public/a')).toBe(403);
    await restrict(false);
    expect(await statusOf('public/a')).toBe(200);
  });
});
