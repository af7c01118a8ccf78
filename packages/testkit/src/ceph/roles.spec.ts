import { randomUUID } from 'node:crypto';
import {
  DeleteObjectCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, inject, test } from 'vitest';

const { endpoint, region, bucket: Bucket, owner, users } = inject('ceph');
const clientOf = (credentials: typeof owner) =>
  new S3Client({ endpoint, region, credentials, forcePathStyle: true });
const clients = { owner: clientOf(owner), api: clientOf(users.api), worker: clientOf(users.worker) };
afterAll(() => {
  for (const client of Object.values(clients)) client.destroy();
});

const Key = (prefix: string) => `${prefix}/${randomUUID()}`;
const put = (prefix: string) => new PutObjectCommand({ Bucket, Key: Key(prefix), Body: 'x' });

/** What the end-to-end suite's success would not show: that a policy of infra/ gives no more than it needs to. */
describe.for([
  { user: 'api', what: 'writes a rendition', call: () => put('public') },
  { user: 'api', what: 'lists', call: () => new ListObjectsV2Command({ Bucket, Prefix: 'quarantine/' }) },
  { user: 'api', what: 'reads the bucket policy', call: () => new GetBucketPolicyCommand({ Bucket }) },
  { user: 'worker', what: 'writes an original', call: () => put('quarantine') },
  { user: 'worker', what: 'writes beside the prefixes', call: () => put('elsewhere') },
  {
    user: 'worker',
    what: 'lists renditions',
    call: () => new ListObjectsV2Command({ Bucket, Prefix: 'private/' }),
  },
  { user: 'worker', what: 'reads the bucket policy', call: () => new GetBucketPolicyCommand({ Bucket }) },
] as const)('the user $user never', ({ user, what, call }) => {
  test(what, async () => {
    await expect(clients[user].send(call() as PutObjectCommand)).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });
});

test('the user api reads no original that another wrote', async () => {
  const object = { Bucket, Key: Key('quarantine') };
  await clients.owner.send(new PutObjectCommand({ ...object, Body: 'x' }));
  await expect(clients.api.send(new GetObjectCommand(object))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  await clients.owner.send(new DeleteObjectCommand(object));
});
