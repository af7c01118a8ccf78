import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { PolicyDocument, Statement } from '@s3-image-app/infra';
import { onTestFinished } from 'vitest';
import { type LocalAws, type LocalUser, startLocalAws } from '../src/index.ts';

export const REGION = 'us-east-1';
export const root: LocalUser = { name: 'root', accessKeyId: 'ROOT', secretAccessKey: 'secret-of-root' };

export const userWith = (...statements: Partial<Statement>[]): LocalUser => ({
  name: 'limited',
  accessKeyId: 'LIMITED',
  secretAccessKey: 'secret-of-limited',
  policy: {
    Version: '2012-10-17',
    Statement: statements.map((statement, index) => ({
      Sid: `Rule${index}`,
      Effect: 'Allow',
      Action: 's3:ListAllMyBuckets',
      Resource: '*',
      ...statement,
    })),
  } satisfies PolicyDocument,
});

/** A local-aws of the test's own, stopped when the test is over. */
export async function start(options: Partial<Parameters<typeof startLocalAws>[0]> = {}): Promise<LocalAws> {
  const aws = await startLocalAws({ users: [root], region: REGION, ...options });
  onTestFinished(() => aws.stop());
  return aws;
}

export function clients(endpoint: string, user: LocalUser = root): { s3: S3Client; sqs: SQSClient } {
  const { accessKeyId, secretAccessKey } = user;
  const client = { endpoint, region: REGION, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const sqs = new SQSClient(client);
  onTestFinished(() => {
    s3.destroy();
    sqs.destroy();
  });
  return { s3, sqs };
}
