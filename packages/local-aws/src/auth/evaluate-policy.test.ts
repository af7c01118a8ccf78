import type { Condition, Statement } from '@s3-image-app/infra';
import { describe, expect, test } from 'vitest';
import { evaluatePolicy } from './evaluate-policy.ts';

const statement = (overrides: Partial<Statement> = {}): Statement => ({
  Sid: 'Test',
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::bucket/public/*',
  ...overrides,
});

const decide = (
  statements: Statement[],
  { action = 's3:GetObject', key = 'public/a', context = {} as Record<string, string> } = {},
) =>
  evaluatePolicy(
    { Version: '2012-10-17', Statement: statements },
    { action, resource: `arn:aws:s3:::bucket/${key}`, context },
  );

describe('a policy', () => {
  test('says nothing of what no statement is about', () => {
    expect(decide([statement()], { key: 'private/a' })).toBeUndefined();
    expect(decide([statement()], { action: 's3:PutObject' })).toBeUndefined();
  });

  test('allows what a statement allows', () => {
    expect(decide([statement()])).toBe('Allow');
  });

  test('denies what any statement denies, in whatever order', () => {
    const deny = statement({ Effect: 'Deny' });
    expect(decide([statement(), deny])).toBe('Deny');
    expect(decide([deny, statement()])).toBe('Deny');
  });

  test('matches actions by wildcard and in any case, resources in their own case', () => {
    expect(decide([statement({ Action: 's3:Get*' })])).toBe('Allow');
    expect(decide([statement({ Action: 'S3:getobject' })])).toBe('Allow');
    expect(decide([statement({ Action: ['s3:PutObject', '*'] })])).toBe('Allow');
    expect(decide([statement({ Resource: 'arn:aws:s3:::bucket/Public/*' })])).toBeUndefined();
    expect(decide([statement({ Resource: 'arn:aws:s3:::bucket/public/?' })])).toBe('Allow');
    expect(
      decide([statement({ Resource: 'arn:aws:s3:::bucket/public/?' })], { key: 'public/ab' }),
    ).toBeUndefined();
  });

  test('takes a dot in a pattern for a dot', () => {
    expect(decide([statement({ Resource: 'arn:aws:s3:::buck.t/*' })])).toBeUndefined();
  });

  test('asks every condition, and of each any of its values', () => {
    const Condition = {
      StringEquals: { 'aws:PrincipalType': ['User', 'Role'], 'aws:PrincipalAccount': '1' },
    };
    const ask = (context: Record<string, string>) => decide([statement({ Condition })], { context });
    expect(ask({ 'aws:principaltype': 'User', 'aws:principalaccount': '1' })).toBe('Allow');
    expect(ask({ 'aws:principaltype': 'User', 'aws:principalaccount': '2' })).toBeUndefined();
    expect(ask({ 'aws:principaltype': 'Anonymous', 'aws:principalaccount': '1' })).toBeUndefined();
  });
});

/** Operator, values in the policy, value in the request (undefined: the key is absent), whether it holds. */
const operators: [string, string | string[], string | undefined, boolean][] = [
  ['StringEquals', 'a', 'a', true],
  ['StringEquals', 'a', 'A', false],
  ['StringEquals', 'a*', 'ab', false],
  ['StringEquals', 'a', undefined, false],
  ['StringEqualsIgnoreCase', 'a', 'A', true],
  ['StringNotEquals', 'a', 'b', true],
  ['StringNotEquals', ['a', 'b'], 'b', false],
  ['StringNotEquals', 'a', undefined, true],
  ['StringLike', 'https://a.example/*', 'https://a.example/page', true],
  ['StringLike', 'https://a.example/*', 'https://a.example.evil/page', false],
  ['StringLike', 'a?c', 'abc', true],
  ['StringLike', '*', undefined, false],
  ['StringNotLike', 'https://a.example/*', 'https://b.example/', true],
  ['StringNotLike', 'https://a.example/*', undefined, true],
  ['StringLikeIfExists', 'a*', undefined, true],
  ['StringLikeIfExists', 'a*', 'b', false],
  ['StringEqualsIfExists', 'a', undefined, true],
  ['Bool', 'false', 'false', true],
  ['Bool', 'true', 'false', false],
  ['Bool', 'false', undefined, false],
  ['BoolIfExists', 'false', undefined, true],
  ['Null', 'true', undefined, true],
  ['Null', 'true', 'a', false],
  ['Null', 'false', 'a', true],
  ['Null', 'false', undefined, false],
  ['ArnEquals', 'arn:aws:s3:::b*', 'arn:aws:s3:::bucket', true],
  ['ArnLike', 'arn:aws:s3:*:bucket', 'arn:aws:s3:::bucket', false],
  ['ArnNotEquals', 'arn:aws:s3:::a', 'arn:aws:s3:::b', true],
  ['ArnNotLike', 'arn:aws:s3:::*', 'arn:aws:s3:::b', false],
];

describe('a condition', () => {
  test.each(operators)('%s %j of %j holds: %s', (operator, values, actual, holds) => {
    const Condition: Condition = { [operator]: { 'aws:Referer': values } };
    const context: Record<string, string> = actual === undefined ? {} : { 'aws:referer': actual };
    expect(decide([statement({ Condition })], { context })).toBe(holds ? 'Allow' : undefined);
  });
});
