import { randomBytes } from 'node:crypto';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { type LocalUser, startLocalAws } from '@s3-image-app/local-aws';
import { apiPolicy, type PolicyDocument, type Serving, workerPolicy } from '../src/index.ts';
import { converge, queueUrl, setupSteps } from '../src/setup/index.ts';

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
export const ORIGIN = 'https://app.example.com';

/** The two roles' policies as they should be, for every bucket and queue of a test's AWS. */
export const roles = {
  api: apiPolicy({ bucket: '*' }),
  worker: workerPolicy({ bucket: '*', queueArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:*` }),
};

export const keysOf = (name: string) => ({ accessKeyId: `KEY${name}`, secretAccessKey: `secret-of-${name}` });

/** An AWS for the calling file, with `root`, who may do everything, and a user for each of `policies`. */
export async function startAws(policies: Record<string, PolicyDocument> = {}) {
  const users: LocalUser[] = [
    { name: 'root', ...keysOf('root') },
    ...Object.entries(policies).map(([name, policy]) => ({ name, ...keysOf(name), policy })),
  ];
  const aws = await startLocalAws({ region: REGION, users });
  const client = { endpoint: aws.endpoint, region: REGION, credentials: keysOf('root') };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const sqs = new SQSClient(client);
  return {
    endpoint: aws.endpoint,
    /** Both as root. */
    s3,
    sqs,
    stop: async () => {
      s3.destroy();
      sqs.destroy();
      await aws.stop();
    },
  };
}

export type Aws = Awaited<ReturnType<typeof startAws>>;

export const newBucketName = (): string => `images-${randomBytes(4).toString('hex')}`;

/** The steps of a deployment in the embedded stack's manner. */
export const stepsFor = ({ s3, sqs }: Aws, bucket: string, serving: Serving = { mode: 'referer' }) =>
  setupSteps(s3, {
    deployment: { bucket, region: REGION, origins: [ORIGIN], serving, requireTls: false },
    queue: { sqs, queueName: `${bucket}-originals`, account: ACCOUNT, requireTls: false },
  });

/** A bucket with its queue, set up as it should be. */
export async function deploy(
  aws: Aws,
  serving?: Serving,
): Promise<{ aws: Aws; bucket: string; queueUrl: string }> {
  const bucket = newBucketName();
  await converge(stepsFor(aws, bucket, serving));
  const url = await queueUrl(aws.sqs, `${bucket}-originals`);
  if (!url) throw new Error('the queue was not made');
  return { aws, bucket, queueUrl: url };
}

export type Deployed = Awaited<ReturnType<typeof deploy>>;
