import { describe, expect, it } from 'vitest';
import { warningsOf } from './identity.ts';
import { isAwsEndpoint } from './is-aws-endpoint.ts';

describe('credentials', () => {
  it("are warned about when they are the account's root", () => {
    const arn = 'arn:aws:iam::111122223333:root';
    expect(warningsOf({ arn, accessKeyId: 'AKIAEXAMPLE' })).toEqual([
      expect.stringContaining('root credentials'),
    ]);
  });

  it('are warned about when they are long-lived', () => {
    const arn = 'arn:aws:iam::111122223333:user/ann';
    expect(warningsOf({ arn, accessKeyId: 'AKIAEXAMPLE' })).toEqual([
      expect.stringContaining('long-lived keys'),
    ]);
  });

  it("of a role's session are as they should be", () => {
    const arn = 'arn:aws:sts::111122223333:assumed-role/deployer/ann';
    expect(warningsOf({ arn, accessKeyId: 'ASIAEXAMPLE' })).toEqual([]);
  });
});

describe('an endpoint', () => {
  it.each([
    [undefined, true],
    ['https://s3.eu-central-1.amazonaws.com', true],
    ['https://s3-fips.us-gov-west-1.amazonaws.com', true],
    ['https://bucket.vpce-0a1b-2c3d.s3.eu-central-1.vpce.amazonaws.com', true],
    ['https://s3.cn-north-1.amazonaws.com.cn', true],
    ['http://127.0.0.1:4566', false],
    ['https://s3.example.com', false],
    ['https://amazonaws.com.example.com', false],
  ])("%s is AWS's own: %s", (endpoint, expected) => {
    expect(isAwsEndpoint(endpoint)).toBe(expected);
  });
});
