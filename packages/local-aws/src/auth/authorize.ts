import type { PolicyDocument, Statement } from '@s3-image-app/infra';
import type { Context } from './condition-keys.ts';
import { type AccessRequest, evaluatePolicy } from './evaluate-policy.ts';
import { ACCOUNT, type Caller, userArn } from './users.ts';

/**
 * Whether a caller may do something, as IAM decides within one account: an explicit Deny of either policy
 * refuses; else an Allow of either one suffices. Nobody (a request without a signature) has no identity policy,
 * so that the resource's policy alone can let it in.
 */
export function isAllowed(
  caller: Caller,
  request: AccessRequest,
  resourcePolicy: PolicyDocument | undefined,
): boolean {
  const full = { ...request, context: { ...principalContext(caller), ...request.context } };
  const identity = caller && (caller.policy ? evaluatePolicy(caller.policy, full) : 'Allow');
  const resource =
    resourcePolicy && evaluatePolicy(resourcePolicy, full, (statement) => covers(statement, caller));
  if (identity === 'Deny' || resource === 'Deny') return false;
  return identity === 'Allow' || resource === 'Allow';
}

/** Whether a queue's policy lets S3 send to it on behalf of a bucket. */
export const serviceMaySend = (policy: PolicyDocument, queueArn: string, bucketArn: string): boolean =>
  evaluatePolicy(
    policy,
    {
      action: 'sqs:SendMessage',
      resource: queueArn,
      context: {
        'aws:sourcearn': bucketArn,
        'aws:sourceaccount': ACCOUNT,
        'aws:principalisawsservice': 'true',
        'aws:securetransport': 'true',
      },
    },
    ({ Principal }) =>
      Principal === '*' ||
      (Principal !== undefined && [Principal.Service ?? []].flat().includes('s3.amazonaws.com')),
  ) === 'Allow';

const principalContext = (caller: Caller): Context => ({
  'aws:principaltype': caller ? 'User' : 'Anonymous',
  'aws:principalisawsservice': 'false',
  ...(caller ? { 'aws:principalarn': userArn(caller), 'aws:principalaccount': ACCOUNT } : {}),
});

function covers({ Principal, Effect }: Statement, caller: Caller): boolean {
  if (Principal === undefined) return false;
  const names = Principal === '*' ? ['*'] : [Principal.AWS ?? []].flat();
  return names.some((name) => {
    if (name === '*') return true;
    if (!caller) return false;
    if (name === userArn(caller)) return true;
    // To allow the account is to leave it to the account's own policies; to deny it is to deny all its users.
    return Effect === 'Deny' && (name === ACCOUNT || name === `arn:aws:iam::${ACCOUNT}:root`);
  });
}
