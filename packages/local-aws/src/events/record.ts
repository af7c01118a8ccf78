import { ACCOUNT, type Caller } from '../auth/users.ts';
import type { EventName } from '../bucket/notification.ts';
import { bucketArn } from '../bucket/policy.ts';
import type { Bucket, StoredObject } from '../store/types.ts';

/** What an event says of the request that caused it. */
export type EventSource = { caller: Caller; ip: string; requestId: string; region: string };

/**
 * One record of S3's event message, version 2.1:
 * docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
export const eventRecord = (
  configurationId: string,
  bucket: Bucket,
  eventName: EventName,
  object: StoredObject,
  { caller, ip, requestId, region }: EventSource,
) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  awsRegion: region,
  eventTime: object.lastModified,
  eventName,
  userIdentity: { principalId: caller ? `AWS:${caller.name}` : 'Anonymous' },
  requestParameters: { sourceIPAddress: ip },
  responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': HOST_ID },
  s3: {
    s3SchemaVersion: '1.0',
    configurationId,
    bucket: { name: bucket.name, ownerIdentity: { principalId: ACCOUNT }, arn: bucketArn(bucket.name) },
    object: {
      key: formEncode(object.key),
      size: object.size,
      eTag: object.etag,
      sequencer: nextSequencer(),
    },
  },
});

export const HOST_ID = 'local-aws';

/** What a queue receives when a bucket starts to report to it: no Records. */
export const testEvent = (bucket: Bucket, requestId: string) => ({
  Service: 'Amazon S3',
  Event: 's3:TestEvent',
  Time: new Date().toISOString(),
  Bucket: bucket.name,
  RequestId: requestId,
  HostId: HOST_ID,
});

/** As an HTML form encodes: a space is `+`. S3 leaves the slash as it is. */
export const formEncode = (key: string): string =>
  new URLSearchParams([['', key]]).toString().slice(1).replaceAll('%2F', '/');

let last = 0n;

/** Hex that grows from write to write, across restarts as well: 65,536 to the millisecond. */
function nextSequencer(): string {
  const now = BigInt(Date.now()) << 16n;
  last = now > last ? now : last + 1n;
  return last.toString(16).toUpperCase().padStart(18, '0');
}
