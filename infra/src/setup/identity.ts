import type { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

/**
 * The account that the credentials belong to, and what is unwise about them. AWS alone is asked;
 * a store behind `endpoint` has no accounts.
 */
export async function identity(
  args: { region: string; endpoint: string | undefined; account: string | undefined },
  s3: S3Client,
): Promise<{ account: string; warnings: string[] }> {
  if (args.endpoint) return { account: args.account ?? '000000000000', warnings: [] };
  const caller = await new STSClient({ region: args.region }).send(new GetCallerIdentityCommand({}));
  const { accessKeyId } = await s3.config.credentials();
  return {
    account: args.account ?? caller.Account ?? '',
    warnings: warningsOf({ arn: caller.Arn ?? '', accessKeyId }),
  };
}

/** Access key ids of long-lived keys start with AKIA, those of a role's or a login's session with ASIA. */
export function warningsOf(caller: { arn: string; accessKeyId: string }): string[] {
  if (caller.arn.endsWith(':root')) {
    return ["these are the account's root credentials: no policy limits them. Use a role or a user instead."];
  }
  if (caller.accessKeyId.startsWith('AKIA')) {
    return [
      'these are long-lived keys. In production use a role (SSO, an instance or a task role), which rotates by itself.',
    ];
  }
  return [];
}
