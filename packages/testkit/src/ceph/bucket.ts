import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import {
  GetBucketPolicyCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { notificationConfiguration, objectsArn, type PolicyDocument, PREFIXES } from '@s3-image-app/infra';
import type { Store } from './store.ts';

const projectRoot = fileURLToPath(new URL('../../../..', import.meta.url));

/** Makes the bucket as an owner would: by the set-up command. @returns what it printed */
export async function setUpBucket(store: Store, bucket: string, origin: string): Promise<string> {
  const command = ['packages/stack/bin/run.mjs', 'infra/src/setup/cli.ts'];
  const options = ['--bucket', bucket, '--domain', origin, '--endpoint', store.endpoint, '--no-queue'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...command, ...options, '--region', store.region],
    {
      cwd: projectRoot,
      env: {
        ...process.env,
        AWS_ACCESS_KEY_ID: store.owner.accessKeyId,
        AWS_SECRET_ACCESS_KEY: store.owner.secretAccessKey,
      },
    },
  );
  return stdout;
}

/** Ceph looks for a form's permission in the bucket policy alone, whatever the policy of who signed it says. */
export async function letPostForms(s3: S3Client, Bucket: string, uid: string): Promise<void> {
  const { Policy = '{}' } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  const { Version, Statement } = JSON.parse(Policy) as PolicyDocument;
  const allow: PolicyDocument['Statement'][number] = {
    Sid: 'AllowFormsOfTheApi',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam:::user/${uid}` },
    Action: 's3:PutObject',
    Resource: objectsArn(Bucket, PREFIXES.quarantine),
  };
  const wider = JSON.stringify({ Version, Statement: [...Statement, allow] });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: wider }));
}

/** The notification of infra/, to a topic: Ceph has no queues. */
export async function reportTo(s3: S3Client, Bucket: string, topicArn: string): Promise<void> {
  const TopicConfigurations = notificationConfiguration(topicArn).QueueConfigurations.map(
    ({ QueueArn, ...configuration }) => ({ ...configuration, TopicArn: QueueArn }),
  );
  await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: { TopicConfigurations },
    }),
  );
}
