import { describe, expect, it } from 'vitest';
import { OptionsError, readOptions } from './read-options.ts';
import { FULL, MINIMAL } from './test-context.ts';

const problemsOf = (context: Record<string, unknown>): string[] => {
  try {
    readOptions(context);
  } catch (error) {
    if (error instanceof OptionsError) return error.problems;
    throw error;
  }
  return [];
};

describe('readOptions', () => {
  it('takes a bucket and its sites, and defaults to CloudFront without services', () => {
    expect(readOptions(MINIMAL)).toMatchObject({
      bucketName: 'example-images',
      origins: ['https://app.example.com'],
      mode: 'cloudfront',
      versioned: false,
      queueName: 'example-images-originals',
      services: undefined,
    });
  });

  it('reads strings, as the command line gives them, and JSON, as cdk.json does, alike', () => {
    const strings = {
      ...FULL,
      versioned: 'true',
      natGateways: '0',
      origins: 'https://a.test, https://b.test',
    };
    const json = { ...FULL, versioned: true, natGateways: 0, origins: ['https://a.test', 'https://b.test'] };
    expect(readOptions(strings)).toEqual(readOptions(json));
  });

  it('reports every mistake at once, each by its key', () => {
    expect(
      problemsOf({
        bucketName: 'Not_A_Bucket',
        origins: 'https://*.example.com',
        mode: 'magic',
        versioned: 'yes',
      }),
    ).toEqual([
      'bucketName must be 3 to 63 lower-case letters, digits and hyphens, e.g. example-images',
      expect.stringMatching(/^origins is not usable: "https:\/\/\*\.example\.com" has a wildcard/),
      'mode must be cloudfront or referer',
      'versioned must be true or false',
    ]);
  });

  it('says which option is missing', () => {
    expect(problemsOf({})).toEqual([
      expect.stringMatching(/^bucketName is not set/),
      expect.stringMatching(/^origins is not usable: Name at least one origin/),
    ]);
  });

  it('refuses a misspelt option, but not the keys of the CDK itself', () => {
    expect(problemsOf({ ...MINIMAL, bucketname: 'x', '@aws-cdk/core:flag': true, 'aws:cdk:x': 1 })).toEqual([
      'bucketname is not an option',
    ]);
  });

  it.each(['api', 'registry.example.com:5000/api', 'registry.example.com/api:latest'])(
    'refuses the image %s, which names no fixed version',
    (apiImage) => {
      expect(problemsOf({ ...FULL, apiImage })).toEqual([
        expect.stringMatching(/^apiImage must name an image/),
      ]);
    },
  );

  it('refuses half of what goes together', () => {
    expect(problemsOf({ ...MINIMAL, apiImage: FULL.apiImage, cdnDomain: 'images.example.com' })).toEqual([
      'cdnCertificateArn not set: cdnDomain, cdnCertificateArn go together',
      'workerImage, certificateArn not set: apiImage, workerImage, certificateArn go together',
    ]);
  });

  it('refuses a token issuer that the network cannot reach', () => {
    const jwks = { jwtJwksUrl: 'https://id.test/jwks', jwtIssuer: 'https://id.test', jwtAudience: 'images' };
    expect(problemsOf({ ...FULL, ...jwks, natGateways: 0 })).toEqual([
      expect.stringMatching(/^natGateways is 0/),
    ]);
  });
});
