import {
  GetBucketCorsCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  type LifecycleRule,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { bucketPolicy } from '../bucket-policy.ts';
import { corsRules } from '../cors.ts';
import type { Deployment } from '../deployment.ts';
import { lifecycleRules } from '../lifecycle.ts';
import { notificationConfiguration } from '../notification.ts';
import { lifecycleLost, notificationsLost } from './losing.ts';
import { orNothing } from './or-nothing.ts';
import type { Step } from './step.ts';
import { corsWidening, policyWidening } from './widening.ts';

export const policyStep = (s3: S3Client, deployment: Deployment): Step => {
  const { bucket: Bucket } = deployment;
  const wanted = bucketPolicy(deployment);
  return {
    name: 'bucket policy',
    wanted,
    read: () =>
      orNothing(
        s3.send(new GetBucketPolicyCommand({ Bucket })).then((r) => r.Policy && JSON.parse(r.Policy)),
      ),
    apply: async () => {
      await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(wanted) }));
    },
    consent: (current) => policyWidening(current, wanted),
  };
};

export const corsStep = (s3: S3Client, { bucket: Bucket, origins }: Deployment): Step => {
  const wanted = corsRules(origins);
  return {
    name: 'CORS rules',
    wanted,
    read: () => orNothing(s3.send(new GetBucketCorsCommand({ Bucket })).then((r) => r.CORSRules)),
    apply: async () => {
      await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: wanted } }));
    },
    consent: (current) => corsWidening(current, wanted),
  };
};

export const lifecycleStep = (s3: S3Client, { bucket: Bucket }: Deployment, versioned: boolean): Step => {
  const wanted = lifecycleRules({ versioned });
  return {
    name: 'lifecycle',
    wanted,
    read: () =>
      orNothing(
        s3
          .send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
          .then(({ Rules }) => Rules && inOrder(Rules, wanted)),
      ),
    apply: async () => {
      await s3.send(
        new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: wanted } }),
      );
    },
    consent: (current) => lifecycleLost(current, wanted),
  };
};

/** Ceph gives rules back in an order of its own, and a filter of everything in its older spelling. */
const inOrder = (rules: LifecycleRule[], wanted: { ID: string }[]) =>
  rules
    .map(({ Prefix = '', ...rule }) => ({ ...rule, Filter: rule.Filter ?? { Prefix } }))
    .toSorted((a, b) => place(a, wanted) - place(b, wanted));

const place = (rule: { ID?: string | undefined }, wanted: { ID: string }[]): number =>
  wanted.findIndex(({ ID }) => ID === rule.ID);

/** S3 tells the queue of each original. Comes after all others: S3 refuses a queue that does not let it in. */
export const notificationStep = (s3: S3Client, { bucket: Bucket }: Deployment, queueArn: string): Step => {
  const wanted = notificationConfiguration(queueArn);
  return {
    name: 'notification',
    wanted,
    read: async () => {
      const current = await orNothing(s3.send(new GetBucketNotificationConfigurationCommand({ Bucket })));
      if (!current) return undefined;
      const { $metadata: _answer, ...configurations } = current;
      return Object.values(configurations).some(Boolean) ? configurations : undefined;
    },
    apply: async () => {
      await s3.send(
        new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: wanted }),
      );
    },
    consent: (current) => notificationsLost(current, wanted),
  };
};
