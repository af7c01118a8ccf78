import { PREFIXES } from './layout.ts';
import { bucketArn, objectsArn } from './names.ts';
import type { PolicyDocument, Statement } from './policy.ts';

/** What the API's role may do. It signs forms and links, and deletes; it never reads what a client sent. */
export const apiPolicy = ({ bucket }: { bucket: string }): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'SignForms',
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: objectsArn(bucket, PREFIXES.quarantine),
    },
    {
      // Public ones too: an app that sends no Referer gets at them by a signed link only.
      Sid: 'SignLinks',
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: [objectsArn(bucket, PREFIXES.public), objectsArn(bucket, PREFIXES.private)],
    },
    {
      Sid: 'DeleteImages',
      Effect: 'Allow',
      Action: 's3:DeleteObject',
      Resource: Object.values(PREFIXES).map((prefix) => objectsArn(bucket, prefix)),
    },
  ],
});

/**
 * What the worker's role may do: read and delete originals, write renditions, consume its queue.
 * Without `queueArn` it is for a store that has no SQS: Ceph refuses a policy with actions that it doesn't know.
 */
export const workerPolicy = ({
  bucket,
  queueArn,
}: {
  bucket: string;
  queueArn?: string | undefined;
}): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'ReadOriginals',
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: objectsArn(bucket, PREFIXES.quarantine),
    },
    {
      Sid: 'FindOriginals',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: bucketArn(bucket),
      Condition: { StringLike: { 's3:prefix': `${PREFIXES.quarantine}*` } },
    },
    {
      Sid: 'WriteRenditions',
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: [objectsArn(bucket, PREFIXES.public), objectsArn(bucket, PREFIXES.private)],
    },
    {
      Sid: 'DeleteOriginalsAndRenditions',
      Effect: 'Allow',
      Action: 's3:DeleteObject',
      Resource: Object.values(PREFIXES).map((prefix) => objectsArn(bucket, prefix)),
    },
    ...(queueArn ? [consumeQueue(queueArn)] : []),
  ],
});

const consumeQueue = (queueArn: string): Statement => ({
  Sid: 'ConsumeQueue',
  Effect: 'Allow',
  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
  Resource: queueArn,
});
