import { bucketArn } from './names.ts';
import type { PolicyDocument } from './policy.ts';

/** How often a message is tried before it goes to the dead-letter queue. The worker gives up on the same count. */
export const MAX_RECEIVES = 5;

/** Seconds that a received message stays hidden. The worker extends it while it works (a heartbeat). */
export const VISIBILITY_SECONDS = 60;

const DAY = 24 * 60 * 60;

/** Attributes of the queue that S3 reports to, in the shape that CreateQueue takes. */
export const queueAttributes = (deadLetterArn: string): Record<string, string> => ({
  VisibilityTimeout: String(VISIBILITY_SECONDS),
  // As long as an original lives: afterwards there is nothing left to process.
  MessageRetentionPeriod: String(DAY),
  // Short polling asks only some of SQS's servers and may miss messages.
  ReceiveMessageWaitTimeSeconds: '20',
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetterArn, maxReceiveCount: MAX_RECEIVES }),
});

/** Retention counts from the first enqueue, so the dead-letter queue must keep messages longer. */
export const deadLetterQueueAttributes = (): Record<string, string> => ({
  MessageRetentionPeriod: String(14 * DAY),
});

/** Lets S3, on behalf of this bucket and account only, send to the queue. */
export const queuePolicy = (input: {
  queueArn: string;
  bucket: string;
  account: string;
}): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'AllowBucketToReport',
      Effect: 'Allow',
      Principal: { Service: 's3.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: input.queueArn,
      Condition: {
        ArnEquals: { 'aws:SourceArn': bucketArn(input.bucket) },
        StringEquals: { 'aws:SourceAccount': input.account },
      },
    },
  ],
});
