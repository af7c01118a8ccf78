import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { setPolicy } from './bucket-policy.ts';
import { clientOf, createBucket, put, refusal, removeBucket, target } from './storage.ts';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
  for (const key of ['public/a', 'private/a', 'other/a']) await put(bucket, key);
});
afterAll(() => removeBucket(bucket));

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
        bucket,
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
      await setPolicy(bucket, { Principal, path: '/private/*' });
      expect(await refusal(read('private/none'))).toEqual(denied);
      await setPolicy(
        bucket,
        { Principal, path: '/private/*' },
        { Principal, Action: 's3:ListBucket', path: '' },
      );
      expect(await refusal(read('private/none'))).toEqual({ status: 404, code: 'NoSuchKey' });
    });

    behaviour('lists the prefix that s3:prefix allows, and no other', async () => {
      const Condition = { StringLike: { 's3:prefix': 'private/*' } };
      await setPolicy(bucket, { Principal, Action: 's3:ListBucket', path: '', Condition });
      const list = (Prefix?: string) => app.send(new ListObjectsV2Command({ Bucket: bucket, Prefix }));
      expect((await list('private/')).Contents?.map(({ Key }) => Key)).toEqual(['private/a']);
      expect(await refusal(list('public/'))).toEqual(denied);
      expect(await refusal(list())).toEqual(denied);
    });

    behaviour('deletes of several keys those that it may, and is told of the others', async () => {
      await put(bucket, 'other/gone');
      await setPolicy(bucket, { Principal, Action: 's3:DeleteObject', path: '/other/*' });
      const Objects = [{ Key: 'other/gone' }, { Key: 'private/a' }];
      const answer = await app.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
      expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['other/gone']);
      expect(answer.Errors?.map(({ Key, Code }) => [Key, Code])).toEqual([['private/a', 'AccessDenied']]);
    });
  },
  { needs: target.app !== undefined },
);
