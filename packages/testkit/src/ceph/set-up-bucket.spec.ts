import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, expect, inject, test } from 'vitest';
import { setUpBucket } from './bucket.ts';

const store = inject('ceph');
const s3 = new S3Client({ ...store, credentials: store.owner, forcePathStyle: true });
const Bucket = `versioned-${randomBytes(4).toString('hex')}`;
afterAll(async () => {
  await s3.send(new DeleteBucketCommand({ Bucket }));
  s3.destroy();
});

test('setup:aws lets the versions of a versioned bucket end, and changes nothing in a second run', async () => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));

  expect(await setUpBucket(store, Bucket, 'https://app.example.com')).toContain('created  lifecycle');
  const { Rules } = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));
  expect(Rules).toContainEqual(
    expect.objectContaining({ ID: 'originals', NoncurrentVersionExpiration: { NoncurrentDays: 1 } }),
  );

  expect(await setUpBucket(store, Bucket, 'https://app.example.com')).toContain('Nothing to change.');
});
