import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Deployment } from '../deployment.ts';
import { queueArn } from '../names.ts';
import { bucketSteps } from './bucket-steps.ts';
import { notificationStep } from './document-steps.ts';
import { queueSteps } from './queue-steps.ts';
import type { Step } from './step.ts';

/** A deployment with its queue, where the endpoint has one. */
export type SetupInput = {
  deployment: Deployment;
  /** The bucket that is there keeps versions: then those end, too. */
  versioned?: boolean;
  /** Absent on a store without SQS: its events then need a bridge (infra/README.md). */
  queue?: { sqs: SQSClient; queueName: string; account: string; requireTls: boolean };
};

/** All that one deployment needs, in the order in which it can be made. */
export function setupSteps(s3: S3Client, input: SetupInput): Step[] {
  const { deployment, queue } = input;
  const { bucket, region } = deployment;
  if (!queue) return bucketSteps(s3, input);
  const names = { ...queue, bucket, region };
  return [
    ...queueSteps(queue.sqs, names),
    ...bucketSteps(s3, input),
    notificationStep(s3, deployment, queueArn({ ...names, name: queue.queueName })),
  ];
}
