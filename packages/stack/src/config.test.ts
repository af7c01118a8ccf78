import { ConfigError } from '@s3-image-app/runtime';
import { describe, expect, test } from 'vitest';
import { loadConfig, loadTokenConfig } from './config.ts';

function problemsOf(env: Record<string, string>): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('outside production', () => {
  test('an empty environment embeds everything, on the usual ports', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ production: false, embedsAws: true, DATABASE_URL: undefined });
    expect(config).toMatchObject({ PORT: 3000, LOCAL_AWS_PORT: 4566, LOCAL_PG_PORT: 5433 });
    expect(config.DATA_DIR).toMatch(/^\/.*\/\.data$/);
  });

  test('a bucket of its own needs its region and queue', () => {
    const problems = problemsOf({ S3_BUCKET: 'images' });
    expect(problems).toEqual([
      expect.stringMatching(/^AWS_REGION is not set/),
      expect.stringMatching(/^SQS_QUEUE_URL is not set/),
    ]);
  });

  test.for(['S3_ENDPOINT', 'SQS_QUEUE_URL'])('%s without a bucket asks for the bucket', (variable) => {
    expect(problemsOf({ [variable]: 'http://127.0.0.1:9000' }).join()).toContain('S3_BUCKET is not set');
  });

  test('named services are not embedded', () => {
    const config = loadConfig({
      DATABASE_URL: 'postgres://user@host/images',
      S3_BUCKET: 'images',
      AWS_REGION: 'eu-central-1',
      SQS_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/000000000000/images',
    });
    expect(config).toMatchObject({ embedsAws: false, DATABASE_URL: 'postgres://user@host/images' });
  });

  test('every port that is none is told', () => {
    const problems = problemsOf({ PORT: 'http', LOCAL_AWS_PORT: '70000', LOCAL_PG_PORT: '-1' });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'PORT',
      'LOCAL_AWS_PORT',
      'LOCAL_PG_PORT',
    ]);
  });
});

describe('in production', () => {
  test('every service and the secret must be named', () => {
    const problems = problemsOf({ NODE_ENV: 'production' });
    expect(problems.map((problem) => problem.split(' ')[0]).sort()).toEqual([
      'ALLOWED_ORIGINS',
      'AWS_REGION',
      'DATABASE_URL',
      'JWT_SECRET',
      'S3_BUCKET',
      'SQS_QUEUE_URL',
    ]);
  });

  test('an issuer elsewhere takes the place of the secret', () => {
    const env = { NODE_ENV: 'production', JWT_JWKS_URL: 'https://login.example.com/keys' };
    expect(problemsOf(env).join()).not.toContain('JWT_SECRET');
  });
});

test('a token needs nothing of the services', () => {
  expect(loadTokenConfig({ NODE_ENV: 'production', JWT_SECRET: 'secret' })).toMatchObject({
    JWT_SECRET: 'secret',
  });
});
