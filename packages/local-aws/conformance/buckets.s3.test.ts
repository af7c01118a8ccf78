import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketLifecycleCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketLocationCommand,
  GetBucketOwnershipControlsCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { createBucket, put, refusal, removeBucket, s3, target } from './storage.ts';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
});
afterAll(() => removeBucket(bucket));

subject('a bucket', () => {
  behaviour('is listed and found, and not found once deleted', async () => {
    const Bucket = await createBucket();
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);
    await s3.send(new HeadBucketCommand({ Bucket }));
    await s3.send(new DeleteBucketCommand({ Bucket }));
    expect((await refusal(s3.send(new HeadBucketCommand({ Bucket })))).status).toBe(404);
  });

  behaviour('that holds an object is not deleted', async () => {
    await put(bucket, 'object');
    expect(await refusal(s3.send(new DeleteBucketCommand({ Bucket: bucket })))).toEqual({
      status: 409,
      code: 'BucketNotEmpty',
    });
  });

  behaviour('with a name that can be none is refused', async () => {
    for (const Bucket of ['Upper-Case', 'ab', 'under_score']) {
      const call = s3.send(new CreateBucketCommand({ Bucket }));
      expect(await refusal(call)).toEqual({ status: 400, code: 'InvalidBucketName' });
    }
  });

  behaviour('lies in the region of its endpoint', async () => {
    const { LocationConstraint } = await s3.send(new GetBucketLocationCommand({ Bucket: bucket }));
    expect(LocationConstraint ?? 'us-east-1').toBe(target.region);
  });

  behaviour('has no versions until that is turned on', async () => {
    const { Status } = await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    expect(Status).toBeUndefined();
  });
});

subject('a new bucket', () => {
  const fresh = async <T>(check: (Bucket: string) => Promise<T>) => {
    const Bucket = `${bucket}-new`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    try {
      return await check(Bucket);
    } finally {
      await s3.send(new DeleteBucketCommand({ Bucket }));
    }
  };

  behaviour('blocks everything public', async () => {
    const block = await fresh((Bucket) => s3.send(new GetPublicAccessBlockCommand({ Bucket })));
    expect(block.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    });
  });

  behaviour('takes no public policy', async () => {
    const put = (Bucket: string) => {
      const statement = {
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${Bucket}/*`,
      };
      const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      return refusal(s3.send(new PutBucketPolicyCommand({ Bucket, Policy })));
    };
    expect(await fresh(put)).toEqual({ status: 403, code: 'AccessDenied' });
  });

  behaviour('belongs to its owner with all that is put there', async () => {
    const answer = await fresh((Bucket) => s3.send(new GetBucketOwnershipControlsCommand({ Bucket })));
    expect(answer.OwnershipControls?.Rules).toEqual([{ ObjectOwnership: 'BucketOwnerEnforced' }]);
  });

  behaviour('encrypts by default', async () => {
    const answer = await fresh((Bucket) => s3.send(new GetBucketEncryptionCommand({ Bucket })));
    const [rule] = answer.ServerSideEncryptionConfiguration?.Rules ?? [];
    expect(rule?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm).toBe('AES256');
  });
});

subject('a lifecycle configuration', () => {
  behaviour('comes back as it was put, and is gone once deleted', async () => {
    const Rules = [
      {
        ID: 'originals',
        Status: 'Enabled' as const,
        Filter: { Prefix: 'quarantine/' },
        Expiration: { Days: 1 },
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      },
    ];
    await s3.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration: { Rules } }),
    );
    const back = await s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket }));
    expect(back.Rules).toEqual(Rules);
    await s3.send(new DeleteBucketLifecycleCommand({ Bucket: bucket }));
    expect(await refusal(s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket: bucket })))).toEqual({
      status: 404,
      code: 'NoSuchLifecycleConfiguration',
    });
  });
});
