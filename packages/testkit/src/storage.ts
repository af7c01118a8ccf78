import { randomBytes } from 'node:crypto';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { DeleteQueueCommand, PurgeQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { provision } from '@s3-image-app/stack';
import { inject } from 'vitest';
import { credentials, REGION } from './identities.ts';
import './provided.ts';

export type TestStorage = {
  /** Of S3 (path style) and SQS. */
  endpoint: string;
  region: string;
  bucket: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
  /** As root. */
  s3: S3Client;
  /** As root. */
  sqs: SQSClient;
  /** `api` and `worker` are held to their policies of infra/. */
  credentials: typeof credentials;
  /** Removes bucket and queues with what is in them, and closes the clients. */
  remove: () => Promise<void>;
};

/** A bucket and a queue of the caller's own, set up as infra/ says. */
export async function createTestStorage(options: { origins?: string[] } = {}): Promise<TestStorage> {
  const { awsEndpoint: endpoint } = inject('testkit');
  const client = { endpoint, region: REGION, credentials: credentials.root };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const sqs = new SQSClient(client);
  const name = `test-${randomBytes(6).toString('hex')}`;
  const queues = await provision(
    { s3, sqs },
    {
      bucket: name,
      queueName: name,
      region: REGION,
      origins: options.origins ?? ['http://localhost:3000'],
      requireTls: false,
    },
  );
  // S3 sends s3:TestEvent when a notification is put: the first message is then the test's own.
  await sqs.send(new PurgeQueueCommand({ QueueUrl: queues.queueUrl }));
  return {
    endpoint,
    region: REGION,
    bucket: name,
    ...queues,
    s3,
    sqs,
    credentials,
    remove: async () => {
      await emptyBucket(s3, name);
      await s3.send(new DeleteBucketCommand({ Bucket: name }));
      for (const QueueUrl of [queues.queueUrl, queues.deadLetterQueueUrl]) {
        await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      }
      s3.destroy();
      sqs.destroy();
    },
  };
}

async function emptyBucket(s3: S3Client, bucket: string): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket })) {
    if (Contents.length === 0) continue;
    const Objects = Contents.map(({ Key }) => ({ Key }));
    await s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  }
}
