import { GetBucketVersioningCommand, type S3Client } from '@aws-sdk/client-s3';
import { orNothing } from './or-nothing.ts';
import { isUnsupported } from './step.ts';

/** Whether the bucket keeps what is overwritten or deleted. One that does so no longer still has the versions of before. */
export async function isVersioned(s3: S3Client, Bucket: string): Promise<boolean> {
  try {
    const answer = await orNothing(s3.send(new GetBucketVersioningCommand({ Bucket })));
    return answer?.Status !== undefined;
  } catch (error) {
    if (isUnsupported(error)) return false;
    throw error;
  }
}
