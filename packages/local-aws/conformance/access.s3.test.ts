import {
  DeleteBucketPolicyCommand,
  DeleteObjectsCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import {
  answerOf,
  clientOf,
  createBucket,
  put,
  refusal,
  removeBucket,
  s3,
  target,
  urlOf,
} from './storage.ts';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
  for (const key of ['public/a', 'private/a', 'other/a']) await put(bucket, key);
});
afterAll(() => removeBucket(bucket));

type Rule = {
  Effect?: 'Allow' | 'Deny';
  Principal?: unknown;
  Action?: string | string[];
  path?: string;
  Condition?: object;
};

const policyOf = (rules: Rule[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: rules.map(({ path = '/public/*', ...rule }, index) => ({
      Sid: `Rule${index}`,
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      ...rule,
      Resource: `arn:aws:s3:::${bucket}${path}`,
    })),
  });

const setPolicy = (...rules: Rule[]) =>
  s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policyOf(rules) }));

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
    await setPolicy({});
    expect(await statusOf('public/a')).toBe(200);
    expect(await statusOf('private/a')).toBe(403);
    expect((await fetch(urlOf(bucket, 'public/new'), { method: 'PUT', body: 'x' })).status).toBe(403);
    expect((await fetch(urlOf(bucket, 'public/a'), { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(urlOf(bucket))).status).toBe(403);
  });

  behaviour('reads with an allowed Referer only where the policy asks for one', async () => {
    const Condition = { StringLike: { 'aws:Referer': ['https://app.example.com/*', 'https://b.example/*'] } };
    await setPolicy({ Condition });
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
    await setPolicy({ path: '/*' }, { Effect: 'Deny', Action: 's3:*', path: '/private/*' });
    expect(await statusOf('public/a')).toBe(200);
    expect(await statusOf('private/a')).toBe(403);
  });

  behaviour('is refused by a Deny of anonymous principals, and signed ones are not', async () => {
    await setPolicy(
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
    await setPolicy({}, { Effect: 'Deny', Condition });
    expect(await statusOf('public/a', { Referer: 'https://app.example.com/' })).toBe(200);
    expect(await statusOf('public/a')).toBe(403);
  });

  behaviour('without a Referer matches Null', async () => {
    await setPolicy({}, { Effect: 'Deny', Condition: { Null: { 'aws:Referer': 'true' } } });
    expect(await statusOf('public/a', { Referer: 'https://any.example/' })).toBe(200);
    expect(await statusOf('public/a')).toBe(403);
  });

  behaviour('over plain HTTP is refused where the policy demands TLS', async () => {
    const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
    await setPolicy({}, { Effect: 'Deny', Condition });
    const expected = target.endpoint.startsWith('https:') ? 200 : 403;
    expect(await statusOf('public/a')).toBe(expected);
  });

  behaviour('learns of a missing key only where it may list', async () => {
    await setPolicy({});
    expect(await answerOf(await anonymously('public/none'))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
    });
    await setPolicy({}, { Action: 's3:ListBucket', path: '' });
    expect(await answerOf(await anonymously('public/none'))).toMatchObject({
      status: 404,
      code: 'NoSuchKey',
    });
  });

  behaviour('is refused by RestrictPublicBuckets even where the policy allows it', async () => {
    await setPolicy({});
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

subject('a bucket policy', () => {
  behaviour('comes back as it was put, and is gone once deleted', async () => {
    await setPolicy({});
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
    expect(JSON.parse(Policy)).toEqual(JSON.parse(policyOf([{}])));
    await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
    expect(await refusal(s3.send(new GetBucketPolicyCommand({ Bucket: bucket })))).toEqual({
      status: 404,
      code: 'NoSuchBucketPolicy',
    });
  });

  behaviour('that is no policy is refused as MalformedPolicy', async () => {
    for (const Policy of ['{', '{"Version":"2012-10-17"}', policyOf([{ Effect: 'Perhaps' as 'Allow' }])]) {
      expect(await refusal(s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy })))).toEqual({
        status: 400,
        code: 'MalformedPolicy',
      });
    }
  });

  behaviour('for another bucket is refused as MalformedPolicy', async () => {
    const Policy = policyOf([{}]).replace(bucket, 'some-other-bucket');
    expect(await refusal(s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy })))).toEqual({
      status: 400,
      code: 'MalformedPolicy',
    });
  });

  behaviour('that is public is refused where BlockPublicPolicy says so', async () => {
    const block = (BlockPublicPolicy: boolean) =>
      s3.send(
        new PutPublicAccessBlockCommand({
          Bucket: bucket,
          PublicAccessBlockConfiguration: { BlockPublicPolicy },
        }),
      );
    await block(true);
    expect(await refusal(setPolicy({}))).toEqual({ status: 403, code: 'AccessDenied' });
    await block(false);
    await setPolicy({});
  });
});

subject(
  'a user who has nothing but a bucket policy',
  () => {
    const app = clientOf(target.app ?? target.root);
    afterAll(() => app.destroy());
    const Principal = { AWS: target.app?.principal };
    const read = (Key: string) => app.send(new GetObjectCommand({ Bucket: bucket, Key }));
    const denied = { status: 403, code: 'AccessDenied' };

    behaviour('does what that allows, and nothing else', async () => {
      await setPolicy(
        { Principal, path: '/private/*' },
        { Principal, Action: 's3:PutObject', path: '/other/*' },
      );
      await read('private/a');
      expect(await refusal(read('public/a'))).toEqual(denied);
      await app.send(new PutObjectCommand({ Bucket: bucket, Key: 'other/new', Body: 'x' }));
      expect(
        await refusal(app.send(new PutObjectCommand({ Bucket: bucket, Key: 'private/new', Body: 'x' }))),
      ).toEqual(denied);
    });

    behaviour('gets 403 for a missing key unless it may list', async () => {
      await setPolicy({ Principal, path: '/private/*' });
      expect(await refusal(read('private/none'))).toEqual(denied);
      await setPolicy({ Principal, path: '/private/*' }, { Principal, Action: 's3:ListBucket', path: '' });
      expect(await refusal(read('private/none'))).toEqual({ status: 404, code: 'NoSuchKey' });
    });

    behaviour('lists the prefix that s3:prefix allows, and no other', async () => {
      const Condition = { StringLike: { 's3:prefix': 'private/*' } };
      await setPolicy({ Principal, Action: 's3:ListBucket', path: '', Condition });
      const list = (Prefix?: string) => app.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
      expect((await list('private/')).Contents?.map(({ Key }) => Key)).toEqual(['private/a']);
      expect(await refusal(list('public/'))).toEqual(denied);
      expect(await refusal(list())).toEqual(denied);
    });

    behaviour('deletes of several keys those that it may, and is told of the others', async () => {
      await put(bucket, 'other/gone');
      await setPolicy({ Principal, Action: 's3:DeleteObject', path: '/other/*' });
      const Objects = [{ Key: 'other/gone' }, { Key: 'private/a' }];
      const answer = await app.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
      expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['other/gone']);
      expect(answer.Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([['private/a', 'AccessDenied']]);
    });
  },
  { needs: target.app !== undefined },
);
