import { checkOrigins } from './deployment.ts';

/** The bucket's CORS rules, in the shape that PutBucketCors takes. */
export const corsRules = (origins: string[]) => [
  {
    ID: 'allowed-sites',
    AllowedOrigins: checkOrigins(origins),
    AllowedMethods: ['GET', 'HEAD', 'POST', 'PUT'],
    AllowedHeaders: ['*'],
    // A multipart upload needs each part's ETag to complete.
    ExposeHeaders: ['ETag'],
    MaxAgeSeconds: 3600,
  },
];
