import { randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  PutBucketNotificationConfigurationCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { postSigned } from './form.ts';
import { createBucket, put, refusal, removeBucket, s3, target } from './storage.ts';

/** Needs S3 and SQS of one account: local-aws, AWS, or S3_CONFORMANCE_SQS_ENDPOINT. */
subject(
  'a bucket that reports to a queue',
  () => {
    const sqs = new SQSClient({
      endpoint: target.sqsEndpoint ?? target.endpoint,
      region: target.region,
      credentials: target.root,
    });
    let bucket: string;
    let queue: { url: string; arn: string };

    beforeAll(async () => {
      bucket = await createBucket();
      queue = await createQueue();
      await allowBucket();
      await notify();
    });
    afterAll(async () => {
      await removeBucket(bucket);
      await sqs.send(new DeleteQueueCommand({ QueueUrl: queue.url }));
      sqs.destroy();
    });

    async function createQueue() {
      const QueueName = `conformance-${randomBytes(6).toString('hex')}`;
      const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName }));
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
      );
      return { url, arn: Attributes?.QueueArn ?? '' };
    }

    function allowBucket(sourceBucket = bucket, to = queue) {
      const Policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'Report',
            Effect: 'Allow',
            Principal: { Service: 's3.amazonaws.com' },
            Action: 'sqs:SendMessage',
            Resource: to.arn,
            Condition: { ArnEquals: { 'aws:SourceArn': `arn:aws:s3:::${sourceBucket}` } },
          },
        ],
      });
      return sqs.send(new SetQueueAttributesCommand({ QueueUrl: to.url, Attributes: { Policy } }));
    }

    function notify(QueueArn = queue.arn) {
      const Filter = {
        Key: {
          FilterRules: [
            { Name: 'prefix' as const, Value: 'in/' },
            { Name: 'suffix' as const, Value: '.jpg' },
          ],
        },
      };
      return s3.send(
        new PutBucketNotificationConfigurationCommand({
          Bucket: bucket,
          NotificationConfiguration: {
            QueueConfigurations: [{ Id: 'originals', QueueArn, Events: ['s3:ObjectCreated:*'], Filter }],
          },
        }),
      );
    }

    async function nextMessage() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: 10 }),
      );
      return JSON.parse(Messages[0]?.Body ?? '{}');
    }

    behaviour('sends a test event when the configuration is put', async () => {
      expect(await nextMessage()).toMatchObject({
        Service: 'Amazon S3',
        Event: 's3:TestEvent',
        Bucket: bucket,
      });
    });

    behaviour('reports a form’s upload', async () => {
      await postSigned(bucket, 'in/photo.jpg', 'bytes');
      const { Records } = await nextMessage();
      expect(Records).toHaveLength(1);
      expect(Records[0]).toMatchObject({
        eventSource: 'aws:s3',
        awsRegion: target.region,
        eventName: 'ObjectCreated:Post',
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'originals',
          bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
          object: { key: 'in/photo.jpg', size: 5, eTag: '4b3a6218bb3e3a7303e8a171a60fcf92' },
        },
      });
      expect(Records[0].eventVersion).toMatch(/^2\.\d+$/);
      expect(Records[0].eventTime).toBe(new Date(Records[0].eventTime).toISOString());
      expect(Records[0].s3.object.sequencer).toMatch(/^[0-9A-F]+$/);
    });

    behaviour('reports PUT, copy and multipart upload, each by its name', async () => {
      await put(bucket, 'in/put.jpg');
      expect((await nextMessage()).Records[0].eventName).toBe('ObjectCreated:Put');

      await s3.send(
        new CopyObjectCommand({ Bucket: bucket, Key: 'in/copy.jpg', CopySource: `${bucket}/in/put.jpg` }),
      );
      expect((await nextMessage()).Records[0].eventName).toBe('ObjectCreated:Copy');

      const upload = { Bucket: bucket, Key: 'in/parts.jpg' };
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand(upload));
      const { ETag } = await s3.send(
        new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, Body: 'x' }),
      );
      const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
      await s3.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload }));
      expect((await nextMessage()).Records[0]).toMatchObject({
        eventName: 'ObjectCreated:CompleteMultipartUpload',
        s3: { object: { key: 'in/parts.jpg', size: 1 } },
      });
    });

    behaviour('reports only keys with the prefix and the suffix', async () => {
      await put(bucket, 'out/photo.jpg');
      await put(bucket, 'in/photo.png');
      await put(bucket, 'in/last.jpg');
      expect((await nextMessage()).Records[0].s3.object.key).toBe('in/last.jpg');
    });

    behaviour('encodes the key as a form does', async () => {
      await put(bucket, 'in/a b+é.jpg');
      expect((await nextMessage()).Records[0].s3.object.key).toBe('in/a+b%2B%C3%A9.jpg');
    });

    behaviour('gives later writes of a key a greater sequencer', async () => {
      const sequencers: string[] = [];
      for (const content of ['1', '2', '3']) {
        await put(bucket, 'in/again.jpg', content);
        sequencers.push((await nextMessage()).Records[0].s3.object.sequencer);
      }
      expect([...sequencers].sort()).toEqual(sequencers);
      expect(new Set(sequencers).size).toBe(3);
    });

    behaviour('is refused a queue that is not there, or that does not let it send', async () => {
      const invalid = { status: 400, code: 'InvalidArgument' };
      expect(await refusal(notify(`${queue.arn}-none`))).toEqual(invalid);
      const closed = await createQueue();
      expect(await refusal(notify(closed.arn))).toEqual(invalid);
      await allowBucket('some-other-bucket', closed);
      expect(await refusal(notify(closed.arn))).toEqual(invalid);
      await sqs.send(new DeleteQueueCommand({ QueueUrl: closed.url }));
    });
  },
  { needs: target.sqsEndpoint !== undefined },
);
