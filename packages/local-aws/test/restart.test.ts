import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketCorsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { clients, start } from './local-aws.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'local-aws-test-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

const bucket = { Bucket: 'kept' };

test('objects, documents, uploads in progress and messages survive a restart', async () => {
  const dataDir = await folder();
  const before = await start({ dataDir });
  const first = clients(before.endpoint);
  await first.s3.send(new CreateBucketCommand(bucket));
  const object = { ...bucket, Key: 'a/../ä b', ContentType: 'image/png', Metadata: { note: 'kept' } };
  const { ETag } = await first.s3.send(new PutObjectCommand({ ...object, Body: 'bytes' }));
  const CORSRules = [{ AllowedOrigins: ['https://app.example.com'], AllowedMethods: ['GET'] }];
  await first.s3.send(new PutBucketCorsCommand({ ...bucket, CORSConfiguration: { CORSRules } }));
  const upload = { ...bucket, Key: 'parts' };
  const { UploadId } = await first.s3.send(new CreateMultipartUploadCommand(upload));
  const part = await first.s3.send(
    new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: 'part' }),
  );
  const { QueueUrl } = await first.sqs.send(new CreateQueueCommand({ QueueName: 'queue' }));
  await first.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'kept' }));
  await before.stop();

  const after = await start({ dataDir });
  const second = clients(after.endpoint);
  const { Body, ...read } = await second.s3.send(new GetObjectCommand({ ...bucket, Key: object.Key }));
  expect(await Body?.transformToString()).toBe('bytes');
  expect(read).toMatchObject({ ETag, ContentType: 'image/png', Metadata: { note: 'kept' } });
  expect((await second.s3.send(new GetBucketCorsCommand(bucket))).CORSRules).toMatchObject(CORSRules);
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: part.ETag }] };
  await second.s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));

  const found = await second.sqs.send(new GetQueueUrlCommand({ QueueName: 'queue' }));
  // The port is another one now.
  expect(found.QueueUrl).toBe(`${after.endpoint}/000000000000/queue`);
  const { Messages } = await second.sqs.send(new ReceiveMessageCommand({ QueueUrl: found.QueueUrl }));
  expect(Messages?.map((message) => message.Body)).toEqual(['kept']);
});

test('a message that is made visible at once is not lost where messages are kept', async () => {
  const { sqs } = clients((await start({ dataDir: await folder() })).endpoint);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'queue' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'again' }));
  const first = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  const ReceiptHandle = first.Messages?.[0]?.ReceiptHandle;
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
  const second = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(second.Messages?.map((message) => message.Body)).toEqual(['again']);
});

test('bytes that belong to no object are gone after a restart', async () => {
  const dataDir = await folder();
  const before = await start({ dataDir });
  const { s3 } = clients(before.endpoint);
  await s3.send(new CreateBucketCommand(bucket));
  await s3.send(new PutObjectCommand({ ...bucket, Key: 'replaced', Body: 'first' }));
  await s3.send(new PutObjectCommand({ ...bucket, Key: 'replaced', Body: 'second' }));
  await before.stop();
  expect(await readdir(join(dataDir, 's3', 'blobs'))).toHaveLength(1);
});

test('without a folder everything is gone after a stop', async () => {
  const before = await start();
  await clients(before.endpoint).s3.send(new CreateBucketCommand(bucket));
  await before.stop();
  const { s3 } = clients((await start()).endpoint);
  await expect(s3.send(new ListObjectsV2Command(bucket))).rejects.toMatchObject({ name: 'NoSuchBucket' });
});

test('a port that is taken, and users that can not be told apart, are refused', async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  const twin = { accessKeyId: 'SAME', secretAccessKey: 'x' };
  const users = [
    { name: 'one', ...twin },
    { name: 'two', ...twin },
  ];
  await expect(start({ users })).rejects.toThrow('The users one and two have the same access key id');
});
