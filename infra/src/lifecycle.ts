import { PREFIXES } from './layout.ts';

/**
 * The bucket's lifecycle rules, in the shape that PutBucketLifecycleConfiguration takes.
 * They are the net below the sweeper: nothing untrusted outlives a day, whatever of ours has failed.
 */
export const lifecycleRules = () => [
  {
    ID: 'originals',
    Status: 'Enabled' as const,
    Filter: { Prefix: PREFIXES.quarantine },
    Expiration: { Days: 1 },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  },
];
