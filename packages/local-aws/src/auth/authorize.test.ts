import type { PolicyDocument, Statement } from '@s3-image-app/infra';
import { describe, expect, test } from 'vitest';
import { isAllowed } from './authorize.ts';
import { isPublic } from './public-policy.ts';
import type { Caller, LocalUser } from './users.ts';

const policyOf = (...statements: Partial<Statement>[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements.map((statement) => ({
    Sid: 'Test',
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: 'arn:aws:s3:::bucket/*',
    ...statement,
  })),
});

const user = (policy?: PolicyDocument): LocalUser => ({
  name: 'me',
  accessKeyId: 'KEY',
  secretAccessKey: 'secret',
  ...(policy ? { policy } : {}),
});

const may = (caller: Caller, bucketPolicy?: PolicyDocument) =>
  isAllowed(
    caller,
    { action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key', context: {} },
    bucketPolicy,
  );

const ME = { AWS: 'arn:aws:iam::000000000000:user/me' };
const irrelevant = policyOf({ Action: 's3:PutObject' });

describe('a user', () => {
  test('without a policy may do everything that no bucket policy denies', () => {
    expect(may(user())).toBe(true);
    expect(may(user(), policyOf({ Effect: 'Deny', Principal: '*' }))).toBe(false);
  });

  test('may do what either policy allows', () => {
    expect(may(user(policyOf({})))).toBe(true);
    expect(may(user(irrelevant), policyOf({ Principal: ME }))).toBe(true);
    expect(may(user(irrelevant), policyOf({ Principal: '*' }))).toBe(true);
    expect(may(user(irrelevant))).toBe(false);
  });

  test('may not do what either policy denies', () => {
    expect(may(user(policyOf({}, { Effect: 'Deny' })), policyOf({ Principal: ME }))).toBe(false);
    expect(may(user(policyOf({})), policyOf({ Effect: 'Deny', Principal: ME }))).toBe(false);
  });

  test('is not the principal of another’s statement', () => {
    const other = { AWS: 'arn:aws:iam::000000000000:user/other' };
    expect(may(user(irrelevant), policyOf({ Principal: other }))).toBe(false);
    expect(may(user(irrelevant), policyOf({ Principal: { Service: 's3.amazonaws.com' } }))).toBe(false);
  });

  test('is denied with the account, and not allowed with it', () => {
    const account = { AWS: 'arn:aws:iam::000000000000:root' };
    expect(may(user(policyOf({})), policyOf({ Effect: 'Deny', Principal: account }))).toBe(false);
    expect(may(user(irrelevant), policyOf({ Principal: account }))).toBe(false);
  });
});

describe('nobody', () => {
  test('may do only what a bucket policy allows everybody', () => {
    expect(may(undefined)).toBe(false);
    expect(may(undefined, policyOf({ Principal: ME }))).toBe(false);
    expect(may(undefined, policyOf({ Principal: '*' }))).toBe(true);
    expect(may(undefined, policyOf({ Principal: { AWS: '*' } }))).toBe(true);
  });

  test('is the anonymous principal, which users are not', () => {
    const Condition = { StringEquals: { 'aws:PrincipalType': 'Anonymous' } };
    const policy = policyOf({ Principal: '*' }, { Principal: '*', Effect: 'Deny', Condition });
    expect(may(undefined, policy)).toBe(false);
    expect(may(user(irrelevant), policy)).toBe(true);
  });
});

describe('a bucket policy is public', () => {
  test.each<[string, Partial<Statement>, boolean]>([
    ['that allows everybody', { Principal: '*' }, true],
    [
      'that asks for a Referer',
      { Principal: '*', Condition: { StringLike: { 'aws:Referer': 'https://a/*' } } },
      true,
    ],
    ['that denies everybody', { Principal: '*', Effect: 'Deny' }, false],
    ['that allows one user', { Principal: ME }, false],
    [
      'that fixes the source',
      { Principal: '*', Condition: { ArnEquals: { 'aws:SourceArn': 'arn:aws:s3:::b' } } },
      false,
    ],
    [
      'whose source has a wildcard',
      { Principal: '*', Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::*' } } },
      true,
    ],
  ])('%s: %s', (_name, statement, expected) => {
    expect(isPublic(policyOf(statement))).toBe(expected);
  });
});
