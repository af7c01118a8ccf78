import { bucketArn } from './names.ts';
import type { PolicyDocument, Statement } from './policy.ts';

/** How often a message is tried before it goes to the dead-letter queue. The worker gives up on the same count. */
export const MAX_RECEIVES = 5;

/** Seconds that a received message stays hidden. The worker extends it while it works (a heartbeat). */
export const VISIBILITY_SECONDS = 120;

/** Seconds beside the transform itself: fetching the original, putting the renditions, the database. */
const TRANSFER_SECONDS = 30;

/** An image whose process died is tried once more, alone, before its verdict. */
const TRIES_PER_RECEIVE = 2;

const DAY = 24 * 60 * 60;
/** As long as an original lives: afterwards there is nothing left to process. */
const RETENTION_SECONDS = DAY;
/** Retention counts from the first enqueue, so the dead-letter queue must keep messages longer. */
const DEAD_LETTER_RETENTION_SECONDS = 14 * DAY;
/** SQS's own limit. */
const MAX_VISIBILITY_SECONDS = 12 * 60 * 60;

/**
 * Seconds of visibility that let one receive end even if no heartbeat gets through.
 * @throws {Error} where SQS's limits leave no such number
 */
export function visibilitySeconds(imageTimeoutSeconds: number): number {
  const needed = TRIES_PER_RECEIVE * imageTimeoutSeconds + TRANSFER_SECONDS;
  const visibility = Math.max(VISIBILITY_SECONDS, needed);
  if (visibility > MAX_VISIBILITY_SECONDS) {
    throw new Error(
      `IMAGE_TIMEOUT_SECONDS ${imageTimeoutSeconds} needs a visibility of ${needed} s; SQS allows ${MAX_VISIBILITY_SECONDS} s`,
    );
  }
  if (visibility * MAX_RECEIVES > RETENTION_SECONDS) {
    throw new Error(
      `IMAGE_TIMEOUT_SECONDS ${imageTimeoutSeconds}: ${MAX_RECEIVES} tries of ${visibility} s outlast the message's ${RETENTION_SECONDS} s`,
    );
  }
  return visibility;
}

/** Attributes of the queue that S3 reports to, in the shape that CreateQueue takes. */
export const queueAttributes = (input: {
  deadLetterArn: string;
  imageTimeoutSeconds?: number;
}): Record<string, string> => ({
  VisibilityTimeout: String(visibilitySeconds(input.imageTimeoutSeconds ?? 30)),
  MessageRetentionPeriod: String(RETENTION_SECONDS),
  // Short polling asks only some of SQS's servers and may miss messages.
  ReceiveMessageWaitTimeSeconds: '20',
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: input.deadLetterArn, maxReceiveCount: MAX_RECEIVES }),
  SqsManagedSseEnabled: 'true',
});

export const deadLetterQueueAttributes = (queueArn: string): Record<string, string> => ({
  MessageRetentionPeriod: String(DEAD_LETTER_RETENTION_SECONDS),
  RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [queueArn] }),
  SqsManagedSseEnabled: 'true',
});

/** Lets S3, on behalf of this bucket and account only, send to the queue; and nobody, with `requireTls`, by plain HTTP. */
export const queuePolicy = (input: {
  queueArn: string;
  bucket: string;
  account: string;
  requireTls: boolean;
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
    ...(input.requireTls ? [denyPlainHttp(input.queueArn)] : []),
  ],
});

/** The dead-letter queue's, where there is TLS: SQS itself moves messages there, and needs no permission. */
export const deadLetterQueuePolicy = (deadLetterArn: string): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [denyPlainHttp(deadLetterArn)],
});

const denyPlainHttp = (queueArn: string): Statement => ({
  Sid: 'DenyPlainHttp',
  Effect: 'Deny',
  Principal: '*',
  Action: 'sqs:*',
  Resource: queueArn,
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
});
