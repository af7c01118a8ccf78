import { describe, expect, test } from 'vitest';
import { canonicalS3Path, checkSignature, parseCredential, sameSignature } from './sigv4.ts';

// The examples of docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html and sigv4-query-string-auth.html
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const scope = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', date: '20130524', region: 'us-east-1', service: 's3' };
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const host = 'examplebucket.s3.amazonaws.com';
const timestamp = '20130524T000000Z';

describe('a signature', () => {
  test('of AWS’s example of a request with headers holds', () => {
    const request = {
      method: 'GET',
      path: '/test.txt',
      query: new URLSearchParams(),
      headers: {
        host,
        range: 'bytes=0-9',
        'x-amz-content-sha256': EMPTY,
        'x-amz-date': timestamp,
        'user-agent': 'not signed',
      },
      signedHeaders: ['host', 'range', 'x-amz-content-sha256', 'x-amz-date'],
      payloadHash: EMPTY,
      timestamp,
    };
    const signature = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';
    checkSignature(SECRET, scope, request, signature);
    const other = { ...request, headers: { ...request.headers, range: 'bytes=0-99' } };
    expect(() => checkSignature(SECRET, scope, other, signature)).toThrow(
      expect.objectContaining({ code: 'SignatureDoesNotMatch' }),
    );
  });

  test('of AWS’s example of a presigned URL holds', () => {
    const query = new URLSearchParams({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
      'X-Amz-Date': timestamp,
      'X-Amz-Expires': '86400',
      'X-Amz-SignedHeaders': 'host',
    });
    checkSignature(
      SECRET,
      scope,
      {
        method: 'GET',
        path: '/test.txt',
        query,
        headers: { host },
        signedHeaders: ['host'],
        payloadHash: 'UNSIGNED-PAYLOAD',
        timestamp,
      },
      'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });

  test('of another length is just another', () => {
    expect(sameSignature('abc', 'abcd')).toBe(false);
    expect(sameSignature('é', 'ab')).toBe(false);
    expect(sameSignature('abc', 'abc')).toBe(true);
  });
});

test('a credential is parsed, and what is none is not', () => {
  expect(parseCredential('AK/IA/20130524/us-east-1/s3/aws4_request')).toEqual({
    ...scope,
    accessKeyId: 'AK/IA',
  });
  for (const text of ['', 'AKIA/20130524/us-east-1/s3', 'AKIA/2013-05-24/us-east-1/s3/aws4_request']) {
    expect(parseCredential(text)).toBeUndefined();
  }
});

test('a path is encoded as signers do, whatever the client left bare', () => {
  expect(canonicalS3Path("/bucket/a%20b+c/(d)!'e*~%2F")).toBe('/bucket/a%20b%2Bc/%28d%29%21%27e%2A~%2F');
});
