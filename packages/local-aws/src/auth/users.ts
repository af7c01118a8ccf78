import type { PolicyDocument } from '@s3-image-app/infra';
import { AwsError } from '../errors.ts';
import { checkPolicy } from './check-policy.ts';

/** The account that owns everything here. */
export const ACCOUNT = '000000000000';

export type LocalUser = {
  name: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** Absent: may do everything. */
  policy?: PolicyDocument;
};

/** Who makes a request: a user by its signature, or nobody. */
export type Caller = LocalUser | undefined;

/** What a caller asked to do, in IAM's words, and what came of it. `user` is absent where nobody signed. */
export type Access = { user: string | undefined; action: string; resource: string; allowed: boolean };

export type Users = {
  /** @throws {AwsError} InvalidAccessKeyId */
  byAccessKey(accessKeyId: string): LocalUser;
};

/** @throws {Error} naming the user whose entry can't be used */
export function indexUsers(users: LocalUser[]): Users {
  const byKey = new Map<string, LocalUser>();
  for (const user of users) {
    const earlier = byKey.get(user.accessKeyId);
    if (earlier) throw new Error(`The users ${earlier.name} and ${user.name} have the same access key id`);
    if (user.policy) {
      try {
        checkPolicy(user.policy, 'identity');
      } catch (error) {
        throw new Error(`The policy of the user ${user.name}: ${(error as Error).message}`);
      }
    }
    byKey.set(user.accessKeyId, user);
  }
  return {
    byAccessKey(accessKeyId) {
      const user = byKey.get(accessKeyId);
      if (user) return user;
      throw new AwsError(
        403,
        'InvalidAccessKeyId',
        'The AWS Access Key Id you provided does not exist in our records.',
        { AWSAccessKeyId: accessKeyId },
      );
    },
  };
}

export const userArn = (user: LocalUser): string => `arn:aws:iam::${ACCOUNT}:user/${user.name}`;
