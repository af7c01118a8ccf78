import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { s3 } from './storage.ts';

/** A statement of a bucket policy: unless said otherwise, everybody may read below public/. */
export type Rule = {
  Effect?: 'Allow' | 'Deny';
  Principal?: unknown;
  Action?: string | string[];
  path?: string;
  Condition?: object;
};

/** The document of a policy with these rules. */
export const policyOf = (bucket: string, rules: Rule[]): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: rules.map(({ path = '/public/*', ...rule }, index) => ({
      Sid: `Rule${index}`,
      Effect: 'Allow',
      Principal: '*',
      Action: 's3:GetObject',
      ...rule,
      Resource: `arn:aws:s3:::${bucket}${path}`,
    })),
  });

/** Gives the bucket a policy of these rules, in place of the one that it has. */
export async function setPolicy(bucket: string, ...rules: Rule[]): Promise<void> {
  await s3.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policyOf(bucket, rules) }));
}
