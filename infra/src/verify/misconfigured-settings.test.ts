import {
  DeleteBucketCorsCommand,
  DeleteBucketLifecycleCommand,
  DeleteBucketPolicyCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ACCOUNT,
  type Aws,
  type Deployed,
  deploy,
  ORIGIN,
  REGION,
  roles,
  startAws,
} from '../../test/deployment.ts';
import { failedProbes } from '../../test/verdict.ts';
import {
  bucketPolicy,
  corsRules,
  lifecycleRules,
  notificationConfiguration,
  queueArn,
  type Statement,
} from '../index.ts';

const putPolicy = ({ aws, bucket }: Deployed, change: (statements: Statement[]) => Statement[]) => {
  const deployment = { bucket, region: REGION, origins: [ORIGIN], requireTls: false };
  const { Version, Statement } = bucketPolicy({ ...deployment, serving: { mode: 'referer' } });
  const Policy = JSON.stringify({ Version, Statement: change(Statement) });
  return aws.s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy }));
};

/** The policy with something more that everybody may do, and without the deny that would be in its way. */
const opened = (deployed: Deployed, action: string, ...resources: string[]) =>
  putPolicy(deployed, (statements) => [
    ...statements.filter(({ Sid }) => Sid !== 'DenyAnonymousOnUntrustedAndPrivate'),
    { Sid: 'TooMuch', Effect: 'Allow', Principal: '*', Action: action, Resource: resources },
  ]);

const putCors = ({ aws, bucket }: Deployed, change: Partial<ReturnType<typeof corsRules>[number]>) => {
  const CORSRules = corsRules([ORIGIN]).map((rule) => ({ ...rule, ...change }));
  return aws.s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules } }));
};

const setQueue = ({ aws, queueUrl }: Deployed, Attributes: Record<string, string>) =>
  aws.sqs.send(new SetQueueAttributesCommand({ QueueUrl: queueUrl, Attributes }));

const originalsQueue = (bucket: string) =>
  queueArn({ name: `${bucket}-originals`, region: REGION, account: ACCOUNT });

/** What may be wrong with bucket and queue, with exactly the probes that show it. */
const settings: { what: string; spoil: (deployed: Deployed) => Promise<unknown>; shows: string[] }[] = [
  {
    what: 'the bucket policy is gone',
    spoil: ({ aws, bucket }) => aws.s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket })),
    shows: ['a public image opens on an allowed site', 'the bucket policy denies all that it should'],
  },
  {
    what: 'the Referer lock is open to all',
    spoil: (deployed) =>
      putPolicy(deployed, (statements) =>
        statements.map(({ Condition, ...rest }) =>
          rest.Effect === 'Allow' ? rest : { ...rest, ...(Condition ? { Condition } : {}) },
        ),
      ),
    shows: [
      'a public image does not open on another site',
      'a public image does not open without a Referer',
      // What everybody may read, the worker may too.
      'the worker cannot read finished images',
    ],
  },
  {
    what: 'the Referer lock matches the start of a host',
    spoil: (deployed) =>
      putPolicy(deployed, (statements) =>
        statements.map((statement) =>
          statement.Effect === 'Allow'
            ? { ...statement, Condition: { StringLike: { 'aws:Referer': `${ORIGIN}*` } } }
            : statement,
        ),
      ),
    shows: ['a public image does not open on another site'],
  },
  {
    what: 'private/ can be read by everybody',
    spoil: (deployed) => opened(deployed, 's3:GetObject', `arn:aws:s3:::${deployed.bucket}/private/*`),
    shows: [
      'an anonymous read of private/ is refused',
      'the worker cannot read finished images',
      'the bucket policy denies all that it should',
    ],
  },
  {
    what: 'quarantine/ can be read by everybody',
    spoil: (deployed) => opened(deployed, 's3:GetObject', `arn:aws:s3:::${deployed.bucket}/quarantine/*`),
    shows: [
      'an anonymous read of quarantine/ is refused',
      'the API cannot read originals',
      'the bucket policy denies all that it should',
    ],
  },
  {
    what: 'everybody can put public images',
    spoil: (deployed) => opened(deployed, 's3:PutObject', `arn:aws:s3:::${deployed.bucket}/public/*`),
    shows: [
      'an anonymous upload is refused',
      'the API cannot write finished images',
      'the bucket policy denies all that it should',
    ],
  },
  {
    what: 'everybody can list the bucket',
    spoil: (deployed) => opened(deployed, 's3:ListBucket', `arn:aws:s3:::${deployed.bucket}`),
    shows: [
      'an anonymous listing is refused',
      'the API cannot list the bucket',
      'the worker cannot list outside quarantine/',
      'the bucket policy denies all that it should',
    ],
  },
  {
    what: 'everybody can delete public images',
    spoil: (deployed) => opened(deployed, 's3:DeleteObject', `arn:aws:s3:::${deployed.bucket}/public/*`),
    shows: ['an anonymous deletion is refused', 'the bucket policy denies all that it should'],
  },
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
  {
    what: 'the queue is closed to the bucket',
    spoil: (deployed) => setQueue(deployed, { Policy: '' }),
    shows: ['an event arrives at the queue', 'the queue takes messages from this bucket alone'],
  },
  {
    what: 'the queue has no dead-letter queue',
    spoil: (deployed) => setQueue(deployed, { RedrivePolicy: '' }),
    shows: ['the queue keeps what failed as a dead letter'],
  },
  {
    what: 'the queue shows a message again while it is worked on',
    spoil: (deployed) => setQueue(deployed, { VisibilityTimeout: '10' }),
    shows: ['the queue hides a message while an image is processed'],
  },
];

let aws: Aws;
beforeAll(async () => {
  aws = await startAws(roles);
});
afterAll(() => aws.stop());

describe('a wrong setting fails exactly the probes that ask for it', () => {
  it.each(settings)('$what', async ({ spoil, shows }) => {
    const deployed = await deploy(aws);
    await spoil(deployed);
    expect((await failedProbes(deployed)).sort()).toEqual([...shows].sort());
  });
});
