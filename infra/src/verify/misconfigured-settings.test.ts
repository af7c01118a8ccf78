import {
  DeleteBucketCorsCommand,
  DeleteBucketLifecycleCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { ACCOUNT, type Deployed, ORIGIN, REGION } from '../../test/deployment.ts';
import { eachFailsItsProbes, type WrongSetting } from '../../test/wrong-setting.ts';
import { corsRules, lifecycleRules, notificationConfiguration, queueArn } from '../index.ts';

const putCors = ({ aws, bucket }: Deployed, change: Partial<ReturnType<typeof corsRules>[number]>) => {
  const CORSRules = corsRules([ORIGIN]).map((rule) => ({ ...rule, ...change }));
  return aws.s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules } }));
};

const originalsQueue = (bucket: string) =>
  queueArn({ name: `${bucket}-originals`, region: REGION, account: ACCOUNT });

/** What may be wrong with the bucket beside its policy. */
const settings: WrongSetting[] = [
  {
    what: 'CORS lets every site in',
    spoil: (deployed) => putCors(deployed, { AllowedOrigins: ['*'] }),
    shows: ['CORS lets pages of no other site in'],
  },
  {
    what: 'CORS is missing',
    spoil: ({ aws, bucket }) => aws.s3.send(new DeleteBucketCorsCommand({ Bucket: bucket })),
    shows: [
      'CORS lets pages of the domain post forms',
      'CORS lets pages of the domain put parts',
      'CORS lets pages of the domain read ETags',
    ],
  },
  {
    what: 'CORS exposes no ETag',
    spoil: (deployed) => putCors(deployed, { ExposeHeaders: [] }),
    shows: ['CORS lets pages of the domain read ETags'],
  },
  {
    what: 'CORS lets nobody put parts',
    spoil: (deployed) => putCors(deployed, { AllowedMethods: ['GET', 'HEAD', 'POST'] }),
    shows: ['CORS lets pages of the domain put parts'],
  },
  {
    what: 'the lifecycle is missing',
    spoil: ({ aws, bucket }) => aws.s3.send(new DeleteBucketLifecycleCommand({ Bucket: bucket })),
    shows: ['originals and unfinished uploads end after a day'],
  },
  {
    what: 'the lifecycle keeps originals for a month',
    spoil: ({ aws, bucket }) => {
      const Rules = lifecycleRules().map((rule) => ({ ...rule, Expiration: { Days: 30 } }));
      const LifecycleConfiguration = { Rules };
      return aws.s3.send(
        new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration }),
      );
    },
    shows: ['originals and unfinished uploads end after a day'],
  },
  {
    what: 'the notification is missing',
    spoil: ({ aws, bucket }) =>
      aws.s3.send(
        new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration: {} }),
      ),
    shows: ['an event arrives at the queue'],
  },
  {
    what: 'the notification is of every key',
    spoil: ({ aws, bucket }) => {
      const { QueueConfigurations } = notificationConfiguration(originalsQueue(bucket));
      const NotificationConfiguration = {
        QueueConfigurations: QueueConfigurations.map(({ Filter: _filter, ...rest }) => rest),
      };
      return aws.s3.send(
        new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration }),
      );
    },
    shows: ['nothing but originals is reported'],
  },
  {
    what: 'the public access block is off',
    spoil: ({ aws, bucket }) =>
      aws.s3.send(
        new PutPublicAccessBlockCommand({
          Bucket: bucket,
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: false,
            IgnorePublicAcls: false,
            BlockPublicPolicy: false,
            RestrictPublicBuckets: false,
          },
        }),
      ),
    shows: ['the public access block is on as far as the mode allows'],
  },
];

eachFailsItsProbes(settings);
