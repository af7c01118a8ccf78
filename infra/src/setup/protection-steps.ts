import {
  GetBucketEncryptionCommand,
  GetBucketOwnershipControlsCommand,
  GetPublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketOwnershipControlsCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { encryption, ownershipControls, publicAccessBlock } from '../bucket-settings.ts';
import type { Deployment } from '../deployment.ts';
import { encryptionLost } from './losing.ts';
import { orNothing } from './or-nothing.ts';
import type { Step } from './step.ts';

// AWS's second lock behind the bucket policy. S3-compatible stores have other ways, or none: so each is optional.

export const publicAccessStep = (s3: S3Client, { bucket: Bucket, serving }: Deployment): Step => {
  const wanted = publicAccessBlock(serving.mode);
  return {
    name: 'public access block',
    optional: true,
    wanted,
    read: () =>
      orNothing(
        s3.send(new GetPublicAccessBlockCommand({ Bucket })).then((r) => r.PublicAccessBlockConfiguration),
      ),
    apply: async () => {
      await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: wanted }));
    },
    consent: (current) =>
      Object.entries(wanted)
        .filter(([key, on]) => !on && (current as Record<string, boolean>)[key])
        .map(([key]) => `${key} would be switched off, which the Referer mode needs`),
  };
};

export const ownershipStep = (s3: S3Client, { bucket: Bucket }: Deployment): Step => {
  const wanted = ownershipControls();
  return {
    name: 'object ownership',
    optional: true,
    wanted,
    read: () =>
      orNothing(
        s3.send(new GetBucketOwnershipControlsCommand({ Bucket })).then((r) => {
          // A store that takes the call for a listing answers without rules.
          return r.OwnershipControls?.Rules?.length ? r.OwnershipControls : undefined;
        }),
      ),
    apply: async () => {
      await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: wanted }));
    },
  };
};

export const encryptionStep = (s3: S3Client, { bucket: Bucket }: Deployment): Step => {
  const wanted = encryption();
  return {
    name: 'encryption at rest',
    optional: true,
    wanted,
    read: () =>
      orNothing(
        s3.send(new GetBucketEncryptionCommand({ Bucket })).then((r) => ({
          // S3 adds members of its own as time goes by.
          Rules: r.ServerSideEncryptionConfiguration?.Rules?.map((rule) => ({
            ApplyServerSideEncryptionByDefault: rule.ApplyServerSideEncryptionByDefault,
            BucketKeyEnabled: rule.BucketKeyEnabled,
          })),
        })),
      ),
    apply: async () => {
      await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: wanted }));
    },
    consent: encryptionLost,
  };
};
