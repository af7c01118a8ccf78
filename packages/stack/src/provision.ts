import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import {
  bucketPolicy,
  corsRules,
  type Deployment,
  deadLetterQueueAttributes,
  encryption,
  lifecycleRules,
  notificationConfiguration,
  ownershipControls,
  publicAccessBlock,
  queueAttributes,
  queuePolicy,
} from '@s3-image-app/infra';

export type ProvisionOptions = {
  bucket: string;
  queueName: string;
  region: string;
  /** Origins whose pages upload and show images. */
  origins: string[];
  /** Refuse plain HTTP. Off only for an endpoint that has no TLS. */
  requireTls: boolean;
};

export type Provisioned = { queueUrl: string; deadLetterQueueUrl: string };

/** Brings bucket and queues to what infra/ says. Safe to repeat: each step sets, none adds. */
export async function provision(
  clients: { s3: S3Client; sqs: SQSClient },
  options: ProvisionOptions,
): Promise<Provisioned> {
  const deadLetters = await ensureQueue(clients.sqs, `${options.queueName}-dead-letters`);
  const queue = await ensureQueue(clients.sqs, options.queueName);
  await setAttributes(clients.sqs, deadLetters, deadLetterQueueAttributes(queue.arn));
  await setAttributes(clients.sqs, queue, {
    ...queueAttributes({ deadLetterArn: deadLetters.arn }),
    Policy: JSON.stringify(
      queuePolicy({ queueArn: queue.arn, bucket: options.bucket, account: queue.account }),
    ),
  });
  await ensureBucket(clients.s3, options);
  await configureBucket(clients.s3, options, queue.arn);
  return { queueUrl: queue.url, deadLetterQueueUrl: deadLetters.url };
}

type Queue = { url: string; arn: string; account: string };

async function ensureQueue(sqs: SQSClient, name: string): Promise<Queue> {
  const { QueueUrl: url } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  const arn = Attributes?.QueueArn;
  const account = arn?.split(':')[4];
  if (!url || !arn || !account) throw new Error(`SQS answered without the address of the queue ${name}`);
  return { url, arn, account };
}

const setAttributes = (sqs: SQSClient, queue: Queue, attributes: Record<string, string>) =>
  sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: attributes }));

async function ensureBucket(s3: S3Client, { bucket, region }: ProvisionOptions): Promise<void> {
  try {
    await s3.send(
      new CreateBucketCommand({
        Bucket: bucket,
        // us-east-1 is the default and may not be named here.
        ...(region === 'us-east-1'
          ? {}
          : { CreateBucketConfiguration: { LocationConstraint: region as never } }),
      }),
    );
  } catch (error) {
    if ((error as Error).name !== 'BucketAlreadyOwnedByYou') throw error;
  }
}

async function configureBucket(s3: S3Client, options: ProvisionOptions, queueArn: string): Promise<void> {
  const { bucket, region, origins, requireTls } = options;
  const deployment: Deployment = { bucket, region, origins, requireTls, serving: { mode: 'referer' } };
  const Bucket = bucket;
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: ownershipControls() }));
  await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: encryption() }));
  // Before the policy: it decides whether a public one is taken at all.
  await s3.send(
    new PutPublicAccessBlockCommand({
      Bucket,
      PublicAccessBlockConfiguration: publicAccessBlock(deployment.serving),
    }),
  );
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify(bucketPolicy(deployment)) }));
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: corsRules(origins) } }));
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: { Rules: lifecycleRules() },
    }),
  );
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: notificationConfiguration(queueArn),
    }),
  );
}
