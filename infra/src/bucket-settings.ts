import type { Serving } from './deployment.ts';

/**
 * Whether the bucket may have a public policy at all, in the shape that PutPublicAccessBlock takes.
 * S3 counts a policy with a Referer condition as public, so the Referer mode cannot block those.
 */
export const publicAccessBlock = (mode: Serving['mode']) => ({
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: mode === 'cloudfront',
  RestrictPublicBuckets: mode === 'cloudfront',
});

/** Access control lists are off: policies alone decide. */
export const ownershipControls = () => ({ Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] });

/** Everything is encrypted at rest with S3's own keys. */
export const encryption = () => ({
  Rules: [
    { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const }, BucketKeyEnabled: true },
  ],
});
