import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { Client } from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { createTestDatabase, createTestStorage, photo } from './index.ts';

test('each test database is migrated, empty and of its own, and is gone once dropped', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
  onTestFinished(() => other.drop());
  expect(one.url).not.toBe(other.url);

  const client = new Client({ connectionString: one.url });
  await client.connect();
  const { rows } = await client.query('select count(*)::int as count from images');
  expect(rows).toEqual([{ count: 0 }]);

  client.on('error', () => {});
  await one.drop();
  const again = new Client({ connectionString: one.url });
  await expect(again.connect()).rejects.toThrow('does not exist');
});

test('test storage reports an upload to its own queue, refuses what the worker may not do, and is removed whole', async () => {
  const storage = await createTestStorage();
  const worker = new S3Client({
    endpoint: storage.endpoint,
    region: storage.region,
    forcePathStyle: true,
    credentials: storage.credentials.worker,
  });
  const Key = 'quarantine/6c3f4a52-7f0e-4a53-9c1e-0d8c8d0f5f11';
  await storage.s3.send(new PutObjectCommand({ Bucket: storage.bucket, Key, Body: photo('portrait.jpg') }));

  const { Messages = [] } = await storage.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: storage.queueUrl, WaitTimeSeconds: 5 }),
  );
  expect(JSON.parse(Messages[0]?.Body ?? '{}').Records[0].s3.object.key).toBe(Key);

  const original = await worker.send(new GetObjectCommand({ Bucket: storage.bucket, Key }));
  expect(await original.Body?.transformToByteArray()).toEqual(new Uint8Array(photo('portrait.jpg')));
  // Nothing else asks for this: permissions.test.ts expects to find it, and by it that refusals are recorded.
  await expect(worker.send(new ListBucketsCommand({}))).rejects.toThrow(
    expect.objectContaining({ name: 'AccessDenied' }),
  );

  await storage.remove();
  const root = new S3Client({
    endpoint: inject('testkit').awsEndpoint,
    region: storage.region,
    forcePathStyle: true,
    credentials: storage.credentials.root,
  });
  const { Buckets = [] } = await root.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).not.toContain(storage.bucket);
});
