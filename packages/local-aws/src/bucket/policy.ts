import type { PolicyDocument } from '@s3-image-app/infra';
import { checkPolicy, checkResources } from '../auth/check-policy.ts';
import { isPublic } from '../auth/public-policy.ts';
import { AwsError, accessDenied } from '../errors.ts';
import type { Bucket } from '../store/types.ts';
import { publicAccessOf } from './public-access.ts';

export const bucketArn = (bucket: string): string => `arn:aws:s3:::${bucket}`;

/**
 * A bucket policy that S3 would take for this bucket.
 * @throws {AwsError} MalformedPolicy, NotImplemented, or AccessDenied for a public policy where those are blocked
 */
export function checkBucketPolicy(bucket: Bucket, document: string): void {
  const policy = parseJson(document);
  checkPolicy(policy, 'resource');
  checkResources(policy, bucketArn(bucket.name));
  if (isPublic(policy) && publicAccessOf(bucket).BlockPublicPolicy) {
    throw accessDenied(
      'Access Denied: public policies are blocked by the BlockPublicPolicy setting of the bucket. Change it with PutPublicAccessBlock first.',
    );
  }
}

function parseJson(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    throw new AwsError(400, 'MalformedPolicy', 'This policy contains invalid Json');
  }
}

/** The policy that decides about a request to the bucket; a restricted public one lets no anonymous request in. */
export function effectivePolicy(bucket: Bucket): PolicyDocument | undefined {
  if (bucket.documents.policy === undefined) return undefined;
  // It was checked when it was put.
  return JSON.parse(bucket.documents.policy) as PolicyDocument;
}

export const restrictsPublic = (bucket: Bucket, policy: PolicyDocument): boolean =>
  publicAccessOf(bucket).RestrictPublicBuckets && isPublic(policy);
