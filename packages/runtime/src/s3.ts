import { S3Client } from '@aws-sdk/client-s3';

export type S3Settings = {
  region: string;
  /** Another endpoint than AWS's own for the region. */
  endpoint?: string | undefined;
  forcePathStyle: boolean;
};

/**
 * An S3 client with the SDK's default credential chain. It gives up on an unreachable endpoint within
 * seconds, so that a request waits for S3 no longer than its caller would.
 */
export const createS3Client = ({ region, endpoint, forcePathStyle }: S3Settings): S3Client =>
  new S3Client({
    region,
    ...(endpoint ? { endpoint } : {}),
    forcePathStyle,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 30_000 },
    // The newer default adds a CRC32 to every upload and presigned URL, which many S3-compatible stores refuse.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
