import { ConfigError } from '@s3-image-app/runtime';
import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const env = {
  DATABASE_URL: 'postgres://user:password@db:5432/images',
  AWS_REGION: 'eu-central-1',
  S3_BUCKET: 'images',
  SQS_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/000000000000/images',
};

const problemsOf = (over: Record<string, string>): string[] => {
  try {
    loadConfig({ ...env, ...over });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

test('what is needed and nothing more is a configuration', () => {
  expect(loadConfig(env)).toMatchObject({
    WORKER_HEALTH_PORT: 8081,
    HOST: '127.0.0.1',
    OUTPUT_MAX_PIXELS_SIDE: 2048,
    VARIANT_WIDTHS: [320, 640, 1280],
    MAX_IMAGE_PIXELS: 50_000_000,
  });
  expect(loadConfig(env).WORKER_CONCURRENCY).toBeGreaterThan(0);
});

test('in production it listens where others can reach it', () => {
  expect(loadConfig({ ...env, NODE_ENV: 'production' }).HOST).toBe('0.0.0.0');
});

test('every mistake is named at once', () => {
  const problems = problemsOf({
    SQS_QUEUE_URL: 'images',
    WORKER_CONCURRENCY: 'all',
    IMAGE_MEMORY_MB: '10',
    VARIANT_WIDTHS: '320,wide',
    WEBP_EFFORT: '7',
  });
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
    'SQS_QUEUE_URL',
    'WORKER_CONCURRENCY',
    'IMAGE_MEMORY_MB',
    'VARIANT_WIDTHS',
    'WEBP_EFFORT',
  ]);
});

test.each([
  ['MAX_TOTAL_PIXELS', { MAX_TOTAL_PIXELS: '1000' }],
  ['IMAGE_TIMEOUT_SECONDS', { IMAGE_TIMEOUT_SECONDS: '9000' }],
  ['IMAGE_TIMEOUT_SECONDS', { IMAGE_TIMEOUT_SECONDS: '0' }],
])('%s is held against what depends on it', (name, over) => {
  expect(problemsOf(over)).toEqual([expect.stringContaining(name)]);
});
