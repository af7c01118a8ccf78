import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { policyOf, setPolicy } from './bucket-policy.ts';
import { createBucket, refusal, removeBucket, s3 } from './storage.ts';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
});
afterAll(() => removeBucket(bucket));

subject('a bucket policy', () => {
  behaviour('comes back as it was put, and is gone once deleted', async () => {
    await setPolicy(bucket, {});
    const { Policy = '' } = await s3.send(new GetBucketPolicyCommand({ Bucket: bucket }));
    expect(JSON.parse(Policy)).toEqual(JSON.parse(policyOf(bucket, [{}])));
    await s3.send(new DeleteBucketPolicyCommand({ Bucket: bucket }));
    expect(await refusal(s3.send(new GetBucketPolicyCommand({ Bucket: bucket })))).toEqual({
      status: 404,
      code: 'NoSuchBucketPolicy',
    });
  });

  behaviour('that is no policy is refused as MalformedPolicy', async () => {
    for (const Policy of [
      '{',
      '{"Version":"2012-10-17"}',
      policyOf(bucket, [{ Effect: 'Perhaps' as 'Allow' }]),
    ]) {
      expect(await refusal(s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy })))).toEqual({
        status: 400,
        code: 'MalformedPolicy',
      });
    }
  });

  behaviour('for another bucket is refused as MalformedPolicy', async () => {
    const Policy = policyOf(bucket, [{}]).replace(bucket, 'some-other-bucket');
    expect(await refusal(s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy })))).toEqual({
      status: 400,
      code: 'MalformedPolicy',
    });
  });

  behaviour('that is public is refused where BlockPublicPolicy says so', async () => {
    const block = (BlockPublicPolicy: boolean) =>
      s3.send(
        new PutPublicAccessBlockCommand({
          Bucket: bucket,
          PublicAccessBlockConfiguration: { BlockPublicPolicy },
        }),
      );
    await block(true);
    expect(await refusal(setPolicy(bucket, {}))).toEqual({ status: 403, code: 'AccessDenied' });
    await block(false);
    await setPolicy(bucket, {});
  });
});
