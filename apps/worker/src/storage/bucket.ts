import type { S3Client } from '@aws-sdk/client-s3';

/** The bucket, and the client to reach it with. */
export type Bucket = { s3: S3Client; name: string };
