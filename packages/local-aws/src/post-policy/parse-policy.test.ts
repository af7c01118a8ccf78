import { expect, test } from 'vitest';
import { parsePolicy } from './parse-policy.ts';

const expiration = '2030-01-01T00:00:00Z';
const encode = (document: unknown) =>
  Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)).toString('base64');

test.each<[string, unknown, string]>([
  ['no JSON', '{', 'Invalid JSON.'],
  ['bytes that are no UTF-8', Buffer.from([0xff]).toString('latin1'), 'Invalid JSON.'],
  ['a list', [], 'Invalid JSON.'],
  ['no expiration', { conditions: [] }, 'Policy missing expiration.'],
  ['no conditions', { expiration }, 'Policy missing conditions.'],
  [
    'conditions that are no list',
    { expiration, conditions: {} },
    "Invalid 'conditions' value: must be a List.",
  ],
  ['an unknown member', { expiration, conditions: [], Statement: [] }, "Unexpected: 'statement'"],
  [
    'a date with a space',
    { expiration: '2030-01-01 00:00:00', conditions: [] },
    "Invalid 'expiration' value",
  ],
  [
    'a date with an offset',
    { expiration: '2030-01-01T00:00:00+02:00', conditions: [] },
    "Invalid 'expiration' value",
  ],
  [
    'a day that is none',
    { expiration: '2030-02-31T00:00:99Z', conditions: [] },
    "Invalid 'expiration' value",
  ],
  ['a condition that is a text', { expiration, conditions: ['key'] }, 'must be a List or Object'],
  ['an empty object', { expiration, conditions: [{}] }, 'exactly one property'],
  ['an object of two', { expiration, conditions: [{ a: '1', b: '2' }] }, 'exactly one property'],
  ['an object with a number', { expiration, conditions: [{ a: 1 }] }, 'value must be a string'],
  ['an empty list', { expiration, conditions: [[]] }, 'missing operation identifier'],
  ['an unknown operator', { expiration, conditions: [['in', '$a', 'b']] }, "unknown operation 'in'"],
  ['an operator with one argument', { expiration, conditions: [['eq', '$a']] }, 'wrong number of arguments'],
  [
    'an operator with three',
    { expiration, conditions: [['eq', '$a', 'b', 'c']] },
    'wrong number of arguments',
  ],
  [
    'a range with one end',
    { expiration, conditions: [['content-length-range', 1]] },
    'wrong number of arguments',
  ],
  ['a range below nothing', { expiration, conditions: [['content-length-range', -1, 1]] }, "'-1' is not"],
  ['a range with a fraction', { expiration, conditions: [['content-length-range', 0, 1.5]] }, "'1.5' is not"],
  [
    'a range the wrong way round',
    { expiration, conditions: [['content-length-range', 2, 1]] },
    'above the maximum',
  ],
])('a policy is refused with %s', (_name, document, message) => {
  expect(() => parsePolicy(encode(document))).toThrow(
    expect.objectContaining({
      status: 400,
      code: 'InvalidPolicyDocument',
      message: expect.stringContaining(message),
    }),
  );
});

test('a policy may give its expiration with or without fractions of a second', () => {
  for (const text of [expiration, '2030-01-01T00:00:00.000Z']) {
    const policy = parsePolicy(encode({ expiration: text, conditions: [] }));
    expect(policy.expiration).toBe(Date.parse(expiration));
  }
});
