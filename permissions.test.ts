import { describe, expect, inject, it } from 'vitest';
import { permitted, readAccesses } from './packages/testkit/src/index.ts';

/**
 * In the integration suite API and worker use an S3 and SQS that hold each to its policy of infra/ and write down what is
 * asked of them: also what a form or a link asks for that the API has signed, and what the real processes ask for. So
 * this looks at the servers' record, which is complete, and not at one that the clients keep.
 *
 * Runs after that suite, and is only right about the whole of it: "pnpm test" without a filter.
 */
describe.for([
  { user: 'api', refused: [] },
  {
    user: 'worker',
    refused: [
      // By a bucket policy that a test of fetchOriginal spoils.
      's3:GetObject arn:aws:s3:::*/quarantine/*',
      // By the testkit's own test, which shows that there are limits and that this record tells of them.
      's3:ListAllMyBuckets arn:aws:s3:::*',
    ],
  },
] as const)('the role of the $user', ({ user, refused }) => {
  const accesses = () => {
    const file = inject('recordedAccesses');
    if (!file) throw new Error('Nothing was recorded: run the whole suite by "pnpm test"');
    return readAccesses(file).filter((access) => access.user === user);
  };
  const permissions = (allowed: boolean) =>
    accesses()
      .filter((access) => access.allowed === allowed)
      .map(({ permission }) => permission)
      .sort();

  it('was refused nothing that its code asks for', () => {
    expect(permissions(false)).toEqual(refused);
  });

  it('is allowed what its code asks for, and nothing that it never asks for', () => {
    expect(permissions(true)).toEqual(permitted(user).sort());
  });
});
