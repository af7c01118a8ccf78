import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { converge, deadLetterName, queueUrl, setupSteps } from '@s3-image-app/infra/setup';

/** The account that local-aws answers for. */
const ACCOUNT = '000000000000';

export type ProvisionOptions = {
  bucket: string;
  queueName: string;
  region: string;
  /** Origins whose pages upload and show images. */
  origins: string[];
  /** Refuse plain HTTP. Off only for an endpoint that has no TLS. */
  requireTls: boolean;
};

export type Provisioned = { queueUrl: string; deadLetterQueueUrl: string };

/** Brings bucket and queues of the local AWS to what infra/ says. Safe to repeat. */
export async function provision(
  { s3, sqs }: { s3: S3Client; sqs: SQSClient },
  { bucket, queueName, region, origins, requireTls }: ProvisionOptions,
): Promise<Provisioned> {
  const deployment = { bucket, region, origins, requireTls, serving: { mode: 'referer' } as const };
  await converge(setupSteps(s3, { deployment, queue: { sqs, queueName, account: ACCOUNT, requireTls } }));
  return {
    queueUrl: await urlOf(sqs, queueName),
    deadLetterQueueUrl: await urlOf(sqs, deadLetterName(queueName)),
  };
}

async function urlOf(sqs: SQSClient, name: string): Promise<string> {
  const url = await queueUrl(sqs, name);
  if (!url) throw new Error(`The queue ${name} was set up, but SQS does not know it`);
  return url;
}
