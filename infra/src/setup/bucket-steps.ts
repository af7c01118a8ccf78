import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  GetBucketCorsCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketPolicyCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { bucketPolicy } from '../bucket-policy.ts';
import { encryption, ownershipControls, publicAccessBlock } from '../bucket-settings.ts';
import { corsRules } from '../cors.ts';
import type { Deployment } from '../deployment.ts';
import { lifecycleRules } from '../lifecycle.ts';
import { notificationConfiguration } from '../notification.ts';
import { encryptionLost, lifecycleLost, notificationsLost } from './losing.ts';
import type { Step } from './step.ts';
import { corsWidening, policyWidening } from './widening.ts';

/** The bucket and its documents, in the order in which S3 wants them. */
export const bucketSteps = (s3: S3Client, deployment: Deployment): Step[] => {
  const Bucket = deployment.bucket;
  const policy = bucketPolicy(deployment);
  const cors = corsRules(deployment.origins);
  const lifecycle = lifecycleRules();
  const block = publicAccessBlock(deployment.serving);
  const ownership = ownershipControls();
  const encrypted = encryption();
  return [
    {
      name: `bucket ${Bucket}`,
      read: () => orNothing(s3.send(new HeadBucketCommand({ Bucket })).then(() => ({}))),
      wanted: {},
      apply: async () => {
        // us-east-1 is the one region that may not be named.
        const LocationConstraint = deployment.region as BucketLocationConstraint;
        const elsewhere =
          deployment.region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
        await s3.send(new CreateBucketCommand({ Bucket, ...elsewhere }));
      },
    },
    {
      name: 'public access block',
      optional: true,
      read: () =>
        orNothing(
          s3.send(new GetPublicAccessBlockCommand({ Bucket })).then((r) => r.PublicAccessBlockConfiguration),
        ),
      wanted: block,
      apply: async () => {
        await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: block }));
      },
      consent: (current) =>
        Object.entries(block)
          .filter(([key, on]) => !on && (current as Record<string, boolean>)[key])
          .map(([key]) => `${key} would be switched off, which the Referer mode needs`),
    },
    {
      name: 'object ownership',
      optional: true,
      read: () =>
        orNothing(
          s3.send(new GetBucketOwnershipControlsCommand({ Bucket })).then((r) => r.OwnershipControls),
        ),
      wanted: ownership,
      apply: async () => {
        await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: ownership }));
      },
    },
    {
      name: 'encryption at rest',
      optional: true,
      read: () =>
        orNothing(
          s3.send(new GetBucketEncryptionCommand({ Bucket })).then((r) => ({
            Rules: r.ServerSideEncryptionConfiguration?.Rules?.map((rule) => ({
              ApplyServerSideEncryptionByDefault: rule.ApplyServerSideEncryptionByDefault,
              BucketKeyEnabled: rule.BucketKeyEnabled,
            })),
          })),
        ),
      wanted: encrypted,
      apply: async () => {
        await s3.send(
          new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: encrypted }),
        );
      },
      consent: encryptionLost,
    },
    {
      name: 'bucket policy',
      read: () =>
        orNothing(
          s3.send(new GetBucketPolicyCommand({ Bucket })).then((r) => r.Policy && JSON.parse(r.Policy)),
        ),
      wanted: policy,
      apply: async () => {
        await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(policy) }));
      },
      consent: (current) => policyWidening(current, policy),
    },
    {
      name: 'CORS rules',
      read: () => orNothing(s3.send(new GetBucketCorsCommand({ Bucket })).then((r) => r.CORSRules)),
      wanted: cors,
      apply: async () => {
        await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: cors } }));
      },
      consent: (current) => corsWidening(current, cors),
    },
    {
      name: 'lifecycle',
      read: () =>
        orNothing(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket })).then((r) => r.Rules)),
      wanted: lifecycle,
      apply: async () => {
        await s3.send(
          new PutBucketLifecycleConfigurationCommand({
            Bucket,
            LifecycleConfiguration: { Rules: lifecycle },
          }),
        );
      },
      consent: (current) => lifecycleLost(current, lifecycle),
    },
  ];
};

/** S3 tells the queue of each original. Comes last: S3 refuses a queue that does not let it in. */
export const notificationStep = (s3: S3Client, bucket: string, queueArn: string): Step => {
  const wanted = notificationConfiguration(queueArn);
  return {
    name: 'notification',
    read: async () => {
      const current = await orNothing(
        s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: bucket })),
      );
      if (!current) return undefined;
      const { $metadata: _answer, ...configurations } = current;
      return Object.values(configurations).some(Boolean) ? configurations : undefined;
    },
    wanted,
    apply: async () => {
      await s3.send(
        new PutBucketNotificationConfigurationCommand({ Bucket: bucket, NotificationConfiguration: wanted }),
      );
    },
    consent: (current) => notificationsLost(current, wanted),
  };
};

const ABSENT = new Set([
  'NotFound',
  'NoSuchBucket',
  'NoSuchBucketPolicy',
  'NoSuchCORSConfiguration',
  'NoSuchLifecycleConfiguration',
  'NoSuchPublicAccessBlockConfiguration',
  'OwnershipControlsNotFoundError',
  'ServerSideEncryptionConfigurationNotFoundError',
]);

/** What S3 answers where there is nothing is an error there, and undefined here. */
async function orNothing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && ABSENT.has(error.name)) return undefined;
    throw error;
  }
}
