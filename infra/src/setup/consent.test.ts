import {
  CreateBucketCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { ACCOUNT, deploy, ORIGIN } from '../../test/deployment.ts';
import { useSetup } from '../../test/setup.ts';
import { bucketPolicy, lifecycleRules, publicAccessBlock, queueArn, queuePolicy } from '../index.ts';
import { encryptionLost } from './losing.ts';

const t = useSetup();

describe('what setup:aws does only with --yes', () => {
  const deployment = () => ({
    bucket: t.bucket,
    region: 'us-east-1',
    origins: ['https://other.example.com'],
    serving: { mode: 'referer' } as const,
    requireTls: false,
  });

  /** Says so, changes nothing, and with the word does it. */
  const expectToBeAsked = async (step: string, what: string) => {
    const before = await t.planned();
    const refused = await t.setUp();
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('Nothing was changed');
    expect(refused.err).toContain('--yes');
    expect(refused.err).toContain(`${step} ${what}`);
    expect(refused.out).toContain(`! ${what}`);
    expect(await t.planned()).toEqual(before);
    expect((await t.setUp('--yes')).code).toBe(0);
    expect(await t.planned()).toEqual({});
  };

  it('allows more sites to show images', async () => {
    ({ bucket: t.bucket } = await deploy(t.aws));
    const Policy = JSON.stringify(bucketPolicy(deployment()));
    await t.aws.s3.send(new PutBucketPolicyCommand({ Bucket: t.bucket, Policy }));
    await expectToBeAsked('bucket policy', 'would newly allow: AllowPublicImagesOnAllowedSites');
  });

  it('drops a deny of the owner’s', async () => {
    ({ bucket: t.bucket } = await deploy(t.aws));
    const policy = bucketPolicy({ ...deployment(), origins: [ORIGIN] });
    policy.Statement.push({
      Sid: 'NobodyDeletes',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:DeleteBucket',
      Resource: `arn:aws:s3:::${t.bucket}`,
    });
    await t.aws.s3.send(new PutBucketPolicyCommand({ Bucket: t.bucket, Policy: JSON.stringify(policy) }));
    await expectToBeAsked('bucket policy', 'would no longer deny: NobodyDeletes (s3:DeleteBucket on');
  });

  it('drops a deny of the queue’s', async () => {
    const deployed = await deploy(t.aws);
    t.bucket = deployed.bucket;
    const { queueUrl: QueueUrl } = deployed;
    const QueueArn = queueArn({ name: `${t.bucket}-originals`, region: 'us-east-1', account: ACCOUNT });
    const policy = queuePolicy({
      queueArn: QueueArn,
      bucket: t.bucket,
      account: ACCOUNT,
      requireTls: false,
    });
    policy.Statement.push({
      Sid: 'NobodyPurges',
      Effect: 'Deny',
      Principal: '*',
      Action: 'sqs:PurgeQueue',
      Resource: QueueArn,
    });
    const Attributes = { Policy: JSON.stringify(policy) };
    await t.aws.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    await expectToBeAsked(`queue ${t.bucket}-originals`, 'would no longer deny: NobodyPurges');
  });

  it('lets pages of more sites in', async () => {
    ({ bucket: t.bucket } = await deploy(t.aws));
    const rule = { AllowedOrigins: ['https://other.example.com'], AllowedMethods: ['POST'] };
    await t.aws.s3.send(
      new PutBucketCorsCommand({ Bucket: t.bucket, CORSConfiguration: { CORSRules: [rule] } }),
    );
    await expectToBeAsked('CORS rules', `would newly allow POST ${ORIGIN}`);
  });

  it('switches off a public access block', async () => {
    await t.aws.s3.send(new CreateBucketCommand({ Bucket: t.bucket }));
    await t.aws.s3.send(
      new PutPublicAccessBlockCommand({
        Bucket: t.bucket,
        PublicAccessBlockConfiguration: {
          ...publicAccessBlock('referer'),
          BlockPublicPolicy: true,
        },
      }),
    );
    await expectToBeAsked('public access block', 'BlockPublicPolicy would be switched off');
  });

  it('drops lifecycle rules that are not ours', async () => {
    ({ bucket: t.bucket } = await deploy(t.aws));
    const archive = {
      ID: 'archive',
      Status: 'Enabled' as const,
      Filter: { Prefix: 'exports/' },
      Expiration: { Days: 9 },
    };
    await t.aws.s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: t.bucket,
        LifecycleConfiguration: { Rules: [...lifecycleRules(), archive] },
      }),
    );
    await expectToBeAsked('lifecycle', 'would drop the rule archive');
  });

  it('drops notifications that are not ours', async () => {
    ({ bucket: t.bucket } = await deploy(t.aws));
    const { QueueConfigurations = [] } = await t.aws.s3.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: t.bucket }),
    );
    const [ours] = QueueConfigurations;
    const FilterRules = [{ Name: 'prefix' as const, Value: 'exports/' }];
    const theirs = { ...ours, Id: 'exports', Filter: { Key: { FilterRules } } };
    await t.aws.s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket: t.bucket,
        NotificationConfiguration: {
          QueueConfigurations: [...QueueConfigurations, theirs] as typeof QueueConfigurations,
        },
      }),
    );
    await expectToBeAsked('notification', 'would drop the notification exports');
  });
});

describe('a key of the customer’s own', () => {
  it('is not replaced without being asked', () => {
    const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }];
    expect(encryptionLost({ Rules })).toEqual(["would no longer use aws:kms, but S3's own keys"]);
    expect(
      encryptionLost({ Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] }),
    ).toEqual([]);
  });
});
