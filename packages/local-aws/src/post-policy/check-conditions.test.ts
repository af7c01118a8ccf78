import { describe, expect, test } from 'vitest';
import { checkConditions } from './check-conditions.ts';
import { parsePolicy } from './parse-policy.ts';

const NOW = Date.parse('2030-01-01T00:00:00Z');
const encode = (document: unknown) => Buffer.from(JSON.stringify(document)).toString('base64');

const check = (
  conditions: unknown[],
  fields: Record<string, string>,
  expiration = '2030-01-01T00:05:00Z',
) => {
  const lower = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const names = Object.fromEntries(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  return checkConditions(
    parsePolicy(encode({ expiration, conditions })),
    { ...lower, bucket: 'b' },
    names,
    NOW,
  );
};

const refusedWith = (message: string) =>
  expect.objectContaining({ status: 403, code: 'AccessDenied', message });

describe('a form meets its policy', () => {
  test.each<[string, unknown[], Record<string, string>]>([
    ['with an exact match', [{ key: 'a' }], { key: 'a' }],
    ['with eq', [['eq', '$key', 'a']], { key: 'a' }],
    ['with starts-with', [['starts-with', '$key', 'user/']], { key: 'user/a' }],
    ['with any value', [['starts-with', '$key', '']], { key: 'anything' }],
    ['with names in any case', [['EQ', '$Content-Type', 'a/b']], { 'content-TYPE': 'a/b' }],
    [
      'with a list of content types',
      [['starts-with', '$Content-Type', 'image/']],
      { 'Content-Type': 'image/a, image/b' },
    ],
    ['with a comma in another field', [['starts-with', '$x-amz-meta-tag', 'a']], { 'x-amz-meta-tag': 'a,b' }],
    ['with fields that need no condition', [], { policy: 'x', 'x-amz-signature': 'x', 'x-ignore-this': 'x' }],
    ['with the bucket of the URL', [{ bucket: 'b' }], { bucket: 'b' }],
  ])('%s', (_name, conditions, fields) => {
    expect(check(conditions, fields)).toEqual({ min: 0, max: Number.POSITIVE_INFINITY });
  });
});

describe('a form breaks its policy', () => {
  test.each<[string, unknown[], Record<string, string>, string]>([
    ['with another value', [{ key: 'a' }], { key: 'b' }, '["eq","$key","a"]'],
    ['with a value in another case', [['eq', '$key', 'a']], { key: 'A' }, '["eq","$key","a"]'],
    [
      'with another start',
      [['starts-with', '$key', 'user/']],
      { key: 'use' },
      '["starts-with","$key","user/"]',
    ],
    ['without the field', [['starts-with', '$acl', '']], {}, '["starts-with","$acl",""]'],
    [
      'without a field that JavaScript knows',
      [['starts-with', '$constructor', '']],
      {},
      '["starts-with","$constructor",""]',
    ],
    ['with a name that has no dollar', [['eq', 'key', 'a']], { key: 'a' }, '["eq","key","a"]'],
    [
      'with one of several content types',
      [['starts-with', '$Content-Type', 'image/']],
      { 'Content-Type': 'image/a,text/html' },
      '["starts-with","$Content-Type","image/"]',
    ],
    [
      'with the bucket of another URL',
      [{ bucket: 'other' }],
      { bucket: 'other' },
      '["eq","$bucket","other"]',
    ],
  ])('%s', (_name, conditions, fields, condition) => {
    expect(() => check(conditions, fields)).toThrow(
      refusedWith(`Invalid according to Policy: Policy Condition failed: ${condition}`),
    );
  });

  test('with a field that no condition covers', () => {
    expect(() => check([{ key: 'a' }], { key: 'a', 'X-Amz-Meta-Extra': 'x' })).toThrow(
      refusedWith('Invalid according to Policy: Extra input fields: X-Amz-Meta-Extra'),
    );
  });

  test('once it has expired, to the second', () => {
    const expired = refusedWith('Invalid according to Policy: Policy expired.');
    expect(() => check([], {}, '2029-12-31T23:59:59Z')).toThrow(expired);
    expect(() => check([], {}, '2030-01-01T00:00:00.000Z')).toThrow(expired);
    check([], {}, '2030-01-01T00:00:00.001Z');
  });
});

test('the sizes of a form are the narrowest that its policy names', () => {
  const conditions = [
    ['content-length-range', 1, 100],
    ['content-length-range', '5', '500'],
  ];
  expect(check(conditions, {})).toEqual({ min: 5, max: 100 });
});
