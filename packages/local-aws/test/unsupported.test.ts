import {
  CreateBucketCommand,
  GetBucketAclCommand,
  GetObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  SelectObjectContentCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LocalAws, startLocalAws } from '../src/index.ts';
import { REGION, root } from './local-aws.ts';

let aws: LocalAws;
let s3: S3Client;
beforeAll(async () => {
  aws = await startLocalAws({ users: [root], region: REGION });
  const { accessKeyId, secretAccessKey } = root;
  s3 = new S3Client({
    endpoint: aws.endpoint,
    region: REGION,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    maxAttempts: 1,
  });
  await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
});
afterAll(async () => {
  s3.destroy();
  await aws.stop();
});

const object = { Bucket: 'bucket', Key: 'key' };
const write = { ...object, Body: 'x' };
const calls: Record<string, [() => Promise<unknown>, string]> = {
  versioning: [
    () =>
      s3.send(new PutBucketVersioningCommand({ ...object, VersioningConfiguration: { Status: 'Enabled' } })),
    'versioning',
  ],
  'a version of an object': [
    () => s3.send(new GetObjectCommand({ ...object, VersionId: 'v1' })),
    'versionId',
  ],
  'access control lists': [() => s3.send(new GetBucketAclCommand(object)), 'acl'],
  tags: [() => s3.send(new PutObjectTaggingCommand({ ...object, Tagging: { TagSet: [] } })), 'tagging'],
  'tags of an upload': [() => s3.send(new PutObjectCommand({ ...write, Tagging: 'a=b' })), 'x-amz-tagging'],
  'object lock': [
    () => s3.send(new PutObjectCommand({ ...write, ObjectLockMode: 'GOVERNANCE' })),
    'x-amz-object-lock-mode',
  ],
  'a storage class': [() => s3.send(new PutObjectCommand({ ...write, StorageClass: 'GLACIER' })), 'GLACIER'],
  'encryption with KMS': [
    () => s3.send(new PutObjectCommand({ ...write, ServerSideEncryption: 'aws:kms' })),
    'aws:kms',
  ],
  'a checksum algorithm': [
    () => s3.send(new PutObjectCommand({ ...write, ChecksumCRC32C: 'AAAAAA==' })),
    'crc32c',
  ],
  'parts that are copied': [
    () =>
      s3.send(
        new UploadPartCopyCommand({ ...object, UploadId: 'u', PartNumber: 1, CopySource: 'bucket/key' }),
      ),
    'uploadId',
  ],
  queries: [
    () =>
      s3.send(
        new SelectObjectContentCommand({
          ...object,
          Expression: 'select',
          ExpressionType: 'SQL',
          InputSerialization: { JSON: { Type: 'LINES' } },
          OutputSerialization: { JSON: {} },
        }),
      ),
    'select',
  ],
  'events of deletions': [
    () =>
      s3.send(
        new PutBucketNotificationConfigurationCommand({
          ...object,
          NotificationConfiguration: {
            QueueConfigurations: [
              { QueueArn: 'arn:aws:sqs:us-east-1:000000000000:q', Events: ['s3:ObjectRemoved:*'] },
            ],
          },
        }),
      ),
    's3:ObjectRemoved:*',
  ],
  'other lifecycle actions': [
    () =>
      s3.send(
        new PutBucketLifecycleConfigurationCommand({
          ...object,
          LifecycleConfiguration: {
            Rules: [
              {
                Status: 'Enabled',
                Filter: { Prefix: '' },
                Transitions: [{ Days: 1, StorageClass: 'GLACIER' }],
              },
            ],
          },
        }),
      ),
    'Transition',
  ],
  'other condition keys': [
    () => {
      const Condition = { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } };
      const statement = {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: 'arn:aws:s3:::bucket/*',
        Condition,
      };
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      return s3.send(new PutBucketPolicyCommand({ ...object, Policy }));
    },
    'IpAddress',
  ],
};

describe('what is not implemented is refused by its name:', () => {
  test.each(Object.entries(calls))('%s', async (_name, [call, named]) => {
    await expect(call()).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining(named),
      $metadata: { httpStatusCode: 501 },
    });
  });
});

test('a public ACL is refused, as on a bucket that has none', async () => {
  await expect(s3.send(new PutObjectCommand({ ...write, ACL: 'public-read' }))).rejects.toMatchObject({
    name: 'AccessControlListNotSupported',
  });
  await s3.send(new PutObjectCommand({ ...write, ACL: 'bucket-owner-full-control' }));
});
