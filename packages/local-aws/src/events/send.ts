import type { PolicyDocument } from '@s3-image-app/infra';
import { serviceMaySend } from '../auth/authorize.ts';
import { concerns, type EventName, parseNotification, undeliverable } from '../bucket/notification.ts';
import { bucketArn } from '../bucket/policy.ts';
import type { Queue, Queues } from '../sqs/queues.ts';
import type { Bucket, StoredObject } from '../store/types.ts';
import { type EventSource, eventRecord, testEvent } from './record.ts';

/** Reports a written object to every queue that the bucket's notification configuration names for it. */
export function reportWrite(
  queues: Queues,
  bucket: Bucket,
  name: EventName,
  object: StoredObject,
  source: EventSource,
): void {
  if (bucket.documents.notification === undefined) return;
  for (const configuration of parseNotification(bucket.documents.notification)) {
    if (!concerns(configuration, name, object.key)) continue;
    const queue = queues.byArn(configuration.queueArn);
    // As on AWS, a queue that is gone or closed to S3 loses its events; the write itself has succeeded.
    if (!queue || !maySend(queue, bucket)) continue;
    queues.deliver(
      queue,
      JSON.stringify({ Records: [eventRecord(configuration.id, bucket, name, object, source)] }),
    );
  }
}

/**
 * Checks that a new notification configuration can work, and sends each of its queues the test event that S3
 * sends.
 * @throws {AwsError} InvalidArgument for a queue that isn't there or whose policy doesn't let S3 send
 */
export function announceNotification(
  queues: Queues,
  bucket: Bucket,
  document: string,
  requestId: string,
): void {
  const destinations = parseNotification(document).map(({ queueArn }) => {
    const queue = queues.byArn(queueArn);
    if (!queue) throw undeliverable(queueArn, 'The destination queue does not exist');
    if (queue.isFifo()) throw undeliverable(queueArn, 'FIFO queues can not be a destination');
    if (!maySend(queue, bucket)) {
      throw undeliverable(queueArn, 'Not authorized to invoke or access the destination queue');
    }
    return queue;
  });
  for (const queue of new Set(destinations))
    queues.deliver(queue, JSON.stringify(testEvent(bucket, requestId)));
}

function maySend(queue: Queue, bucket: Bucket): boolean {
  const policy = queue.attributes.Policy;
  return (
    policy !== undefined &&
    policy !== '' &&
    serviceMaySend(JSON.parse(policy) as PolicyDocument, queue.arn, bucketArn(bucket.name))
  );
}
