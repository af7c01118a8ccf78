import {
  type BucketLocationConstraint,
  CreateBucketCommand,
  HeadBucketCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Deployment } from '../deployment.ts';
import { corsStep, lifecycleStep, policyStep } from './document-steps.ts';
import { orNothing } from './or-nothing.ts';
import { encryptionStep, ownershipStep, publicAccessStep } from './protection-steps.ts';
import type { Step } from './step.ts';

/** The bucket and its settings. The public access block comes before the policy: it decides whether a public one is taken. */
export const bucketSteps = (
  s3: S3Client,
  { deployment, versioned = false }: { deployment: Deployment; versioned?: boolean },
): Step[] => [
  creationStep(s3, deployment),
  publicAccessStep(s3, deployment),
  ownershipStep(s3, deployment),
  encryptionStep(s3, deployment),
  policyStep(s3, deployment),
  corsStep(s3, deployment),
  lifecycleStep(s3, deployment, versioned),
];

const creationStep = (s3: S3Client, { bucket: Bucket, region }: Deployment): Step => ({
  name: `bucket ${Bucket}`,
  wanted: {},
  read: () => orNothing(s3.send(new HeadBucketCommand({ Bucket })).then(() => ({}))),
  apply: async () => {
    // us-east-1 is the one region that may not be named.
    const LocationConstraint = region as BucketLocationConstraint;
    const elsewhere = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint } };
    await s3.send(new CreateBucketCommand({ Bucket, ...elsewhere }));
  },
});
