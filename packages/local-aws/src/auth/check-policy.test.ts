import {
  apiPolicy,
  bucketPolicy,
  type Deployment,
  deadLetterQueuePolicy,
  queuePolicy,
  type Serving,
  workerPolicy,
} from '@s3-image-app/infra';
import { describe, expect, test } from 'vitest';
import { checkPolicy } from './check-policy.ts';

const queueArn = 'arn:aws:sqs:us-east-1:000000000000:queue';

const deployment = (serving: Serving): Deployment => ({
  bucket: 'bucket',
  region: 'us-east-1',
  account: '000000000000',
  origins: ['https://app.example.com'],
  serving,
  requireTls: true,
});

describe('every document of infra is evaluated here:', () => {
  test.each([
    ['bucket policy by Referer', bucketPolicy(deployment({ mode: 'referer' }))],
    [
      'bucket policy by CloudFront',
      bucketPolicy(
        deployment({
          mode: 'cloudfront',
          distributionArn: 'arn:aws:cloudfront::000000000000:distribution/A',
        }),
      ),
    ],
    ['queue policy', queuePolicy({ queueArn, bucket: 'bucket', account: '000000000000', requireTls: true })],
    ['dead-letter queue policy', deadLetterQueuePolicy(`${queueArn}-dead`)],
  ])('%s', (_name, policy) => {
    expect(() => checkPolicy(policy, 'resource')).not.toThrow();
  });

  test.each([
    ['policy of the API', apiPolicy({ bucket: 'bucket' })],
    ['policy of the worker', workerPolicy({ bucket: 'bucket', queueArn })],
  ])('%s', (_name, policy) => {
    expect(() => checkPolicy(policy, 'identity')).not.toThrow();
  });
});

const allow = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' };

describe('a policy is refused, by the name of what is not evaluated:', () => {
  test.each([
    [
      'an unknown condition key',
      { ...allow, Condition: { StringEquals: { 'aws:SourceIp': '::1' } } },
      'aws:SourceIp',
    ],
    ['an unknown operator', { ...allow, Condition: { IpAddress: { 'aws:Referer': 'x' } } }, 'IpAddress'],
    [
      'an operator that JavaScript knows',
      { ...allow, Condition: { constructor: { 'aws:Referer': 'x' } } },
      'constructor',
    ],
    [
      'a set operator',
      { ...allow, Condition: { 'ForAnyValue:StringEquals': { 'aws:Referer': 'x' } } },
      'ForAnyValue',
    ],
    ['NotAction', { Effect: 'Allow', Principal: '*', NotAction: 's3:*', Resource: '*' }, 'NotAction'],
    ['a federated principal', { ...allow, Principal: { Federated: 'x' } }, 'Federated'],
    ['a policy variable', { ...allow, Resource: `arn:aws:s3:::b/$\{aws:username}/*` }, 'variables'],
  ])('%s', (_name, statement, named) => {
    const policy = { Version: '2012-10-17', Statement: [statement] };
    expect(() => checkPolicy(policy, 'resource')).toThrow(
      expect.objectContaining({ code: 'NotImplemented', message: expect.stringContaining(named) }),
    );
  });
});

describe('a policy is malformed', () => {
  test.each([
    ['without a version', { Statement: [allow] }],
    ['of the older version', { Version: '2008-10-17', Statement: [allow] }],
    ['without statements', { Version: '2012-10-17', Statement: [] }],
    ['without a principal', { Version: '2012-10-17', Statement: [{ ...allow, Principal: undefined }] }],
    ['with an effect that is none', { Version: '2012-10-17', Statement: [{ ...allow, Effect: 'allow' }] }],
    ['without an action', { Version: '2012-10-17', Statement: [{ ...allow, Action: undefined }] }],
    ['with an unknown member', { Version: '2012-10-17', Statement: [{ ...allow, Conditions: {} }] }],
    [
      'with a value that is no text',
      {
        Version: '2012-10-17',
        Statement: [{ ...allow, Condition: { Bool: { 'aws:SecureTransport': false } } }],
      },
    ],
  ])('%s', (_name, policy) => {
    expect(() => checkPolicy(policy, 'resource')).toThrow(
      expect.objectContaining({ code: 'MalformedPolicy' }),
    );
  });
});
