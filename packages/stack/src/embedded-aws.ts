import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { apiPolicy, queueArn, workerPolicy } from '@s3-image-app/infra';
import { startLocalAws } from '@s3-image-app/local-aws';
import { provision } from './provision.ts';
import type { AwsKeys, Secrets } from './secrets.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const BUCKET = 's3-image-app';
const QUEUE = 's3-image-app-originals';

export type EmbeddedAws = {
  /** Of S3 (path style) and SQS. */
  endpoint: string;
  region: string;
  bucket: string;
  queueUrl: string;
  /** Of the apps' users. */
  keys: { api: AwsKeys; worker: AwsKeys };
  stop: () => Promise<void>;
};

/** Starts the local S3 and SQS with our bucket and queue. Its users may do what their roles may on AWS. */
export async function startEmbeddedAws(options: {
  port: number;
  dataDir: string;
  keys: Secrets['aws'];
  /** Origins whose pages upload and show images. */
  origins: string[];
}): Promise<EmbeddedAws> {
  const { port, keys, origins } = options;
  const queue = queueArn({ name: QUEUE, region: REGION, account: ACCOUNT });
  const aws = await startLocalAws({
    port,
    dataDir: options.dataDir,
    region: REGION,
    users: [
      { name: 'root', ...keys.root },
      { name: 'api', ...keys.api, policy: apiPolicy({ bucket: BUCKET }) },
      { name: 'worker', ...keys.worker, policy: workerPolicy({ bucket: BUCKET, queueArn: queue }) },
    ],
    log: (line) => console.error(`local S3 and SQS: ${line}`),
  });
  const client = { endpoint: aws.endpoint, region: REGION, credentials: keys.root };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const sqs = new SQSClient(client);
  try {
    const { queueUrl } = await provision(
      { s3, sqs },
      { bucket: BUCKET, queueName: QUEUE, region: REGION, origins, requireTls: false },
    );
    return { endpoint: aws.endpoint, region: REGION, bucket: BUCKET, queueUrl, keys, stop: () => aws.stop() };
  } catch (error) {
    await aws.stop();
    throw error;
  } finally {
    s3.destroy();
    sqs.destroy();
  }
}
