import { PREFIXES } from './layout.ts';

/**
 * The bucket's lifecycle rules, in the shape that PutBucketLifecycleConfiguration takes.
 * They are the net below the sweeper: nothing untrusted outlives a day, whatever of ours has failed.
 */
export const lifecycleRules = (options: { versioned?: boolean } = {}) => [
  {
    ID: 'originals',
    Status: 'Enabled' as const,
    Filter: { Prefix: PREFIXES.quarantine },
    Expiration: { Days: 1 },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    // In a versioned bucket a deleted original would live on as a version.
    ...(options.versioned ? { NoncurrentVersionExpiration: { NoncurrentDays: 1 } } : {}),
  },
  ...(options.versioned
    ? [
        {
          ID: 'deleted-images',
          Status: 'Enabled' as const,
          Filter: { Prefix: '' },
          // The marker that a delete leaves goes once no version is left below it.
          Expiration: { ExpiredObjectDeleteMarker: true },
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
        },
      ]
    : []),
];
