import { describe, expect, test } from 'vitest';
import { indexUsers } from '../auth/users.ts';
import { verifySignature } from './verify-signature.ts';

const user = {
  name: 'example',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const services = { users: indexUsers([user]), region: 'us-east-1' };

// The example of docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
const policy = [
  '{ "expiration": "2015-12-30T12:00:00.000Z",',
  '  "conditions": [',
  '    {"bucket": "sigv4examplebucket"},',
  '    ["starts-with", "$key", "user/user1/"],',
  '    {"acl": "public-read"},',
  '    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},',
  '    ["starts-with", "$Content-Type", "image/"],',
  '    {"x-amz-meta-uuid": "14365123651274"},',
  '    {"x-amz-server-side-encryption": "AES256"},',
  '    ["starts-with", "$x-amz-meta-tag", ""],',
  '',
  '    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},',
  '    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},',
  '    {"x-amz-date": "20151229T000000Z" }',
  '  ]',
  '}',
].join('\r\n');

const fields = {
  policy: Buffer.from(policy).toString('base64'),
  'x-amz-algorithm': 'AWS4-HMAC-SHA256',
  'x-amz-credential': 'AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request',
  'x-amz-date': '20151229T000000Z',
  'x-amz-signature': '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e',
};

describe('the signature of a form', () => {
  test('is AWS’s own in AWS’s example', () => {
    expect(verifySignature(fields, services)).toBe(user);
  });

  test('is nobody’s where no signing field is there', () => {
    expect(verifySignature({ key: 'x' }, services)).toBeUndefined();
  });

  test.each([
    ['a signature that was changed', { 'x-amz-signature': '0'.repeat(64) }, 'SignatureDoesNotMatch'],
    [
      'a policy that was changed',
      { policy: Buffer.from(`${policy} `).toString('base64') },
      'SignatureDoesNotMatch',
    ],
    [
      'an unknown access key',
      { 'x-amz-credential': 'NOBODY/20151229/us-east-1/s3/aws4_request' },
      'InvalidAccessKeyId',
    ],
    ['a date of another day', { 'x-amz-date': '20151230T000000Z' }, 'InvalidArgument'],
    ['a date that is none', { 'x-amz-date': '20151229' }, 'InvalidArgument'],
    ['another algorithm', { 'x-amz-algorithm': 'AWS4-HMAC-SHA1' }, 'InvalidArgument'],
    [
      'another region',
      { 'x-amz-credential': 'AKIAIOSFODNN7EXAMPLE/20151229/eu-west-1/s3/aws4_request' },
      'InvalidArgument',
    ],
    [
      'another service',
      { 'x-amz-credential': 'AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/sqs/aws4_request' },
      'InvalidArgument',
    ],
    ['a signature of version 2', { awsaccesskeyid: 'AKIAIOSFODNN7EXAMPLE' }, 'InvalidRequest'],
    ['a session token', { 'x-amz-security-token': 'token' }, 'NotImplemented'],
  ])('is refused with %s', (_name, change, code) => {
    expect(() => verifySignature({ ...fields, ...change }, services)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  test.each(Object.keys(fields))('is refused without the field %s, which is named', (name) => {
    const { [name]: _left, ...rest } = fields as Record<string, string>;
    expect(() => verifySignature(rest, services)).toThrow(
      expect.objectContaining({
        code: 'InvalidArgument',
        details: expect.objectContaining({
          ArgumentName: expect.stringMatching(new RegExp(`^${name}$`, 'i')),
        }),
      }),
    );
  });
});
