import { PREFIXES } from './layout.ts';

/**
 * The bucket's notifications, in the shape that PutBucketNotificationConfiguration takes.
 * Only `quarantine/` reports: what the worker writes elsewhere must not wake it again.
 */
export const notificationConfiguration = (queueArn: string) => ({
  QueueConfigurations: [
    {
      Id: 'originals',
      QueueArn: queueArn,
      Events: ['s3:ObjectCreated:*' as const],
      Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value: PREFIXES.quarantine }] } },
    },
  ],
});
