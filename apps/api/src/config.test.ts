import { ConfigError } from '@s3-image-app/runtime';
import { describe, expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const least = {
  DATABASE_URL: 'postgres://user:password@host/images',
  AWS_REGION: 'eu-central-1',
  S3_BUCKET: 'images',
  ALLOWED_ORIGINS: 'https://app.example.com',
  JWT_SECRET: 'a secret of no less than 32 bytes!',
};

const problemsOf = (env: Record<string, string>): string[] => {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

describe('the configuration', () => {
  test('needs no more than where things are and how tokens are verified', () => {
    expect(loadConfig(least)).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      MAX_UPLOAD_BYTES: 52_428_800,
      FORM_TTL_SECONDS: 300,
      URL_TTL_SECONDS: 3600,
    });
  });

  test('knows proxies by how many there are or by their addresses', () => {
    expect(loadConfig({ ...least, TRUST_PROXY: '2' }).TRUST_PROXY).toBe(2);
    expect(loadConfig({ ...least, TRUST_PROXY: '10.0.0.0/8, ::1' }).TRUST_PROXY).toEqual([
      '10.0.0.0/8',
      '::1',
    ]);
    expect(loadConfig(least).TRUST_PROXY).toBeUndefined();
  });

  test('listens on every address in production', () => {
    expect(loadConfig({ ...least, NODE_ENV: 'production' }).HOST).toBe('0.0.0.0');
    expect(loadConfig({ ...least, NODE_ENV: 'production', HOST: '10.0.0.1' }).HOST).toBe('10.0.0.1');
  });

  test('names everything that is missing at once', () => {
    expect(problemsOf({}).map((problem) => problem.split(' ')[0])).toEqual([
      'DATABASE_URL',
      'AWS_REGION',
      'S3_BUCKET',
      'ALLOWED_ORIGINS',
      'JWT_SECRET',
    ]);
  });

  test.each([
    [{ JWT_SECRET: 'hunter2' }, /^JWT_SECRET is too short: it needs at least 32 bytes/],
    [{ JWT_JWKS_URL: 'https://login.example/jwks' }, /^JWT_SECRET and JWT_JWKS_URL are both set/],
    [{ JWT_JWKS_URL: 'login.example', JWT_SECRET: '' }, /^JWT_JWKS_URL must be a URL/],
    [{ ALLOWED_ORIGINS: '*' }, /^ALLOWED_ORIGINS must name each origin/],
    [{ MAX_UPLOAD_BYTES: '50MB' }, /^MAX_UPLOAD_BYTES must be a whole number from 1 to/],
    [{ FORM_TTL_SECONDS: '-1' }, /^FORM_TTL_SECONDS must be a whole number from 30 to/],
    [{ REDIS_URL: 'http://:hunter2@redis.example' }, /^REDIS_URL must be a URL such as redis:\/\//],
    [{ TRUST_PROXY: 'true' }, /^TRUST_PROXY must be a number of proxies, or addresses/],
    [{ TRUST_PROXY: '10.0.0.0/8, proxy.example' }, /^TRUST_PROXY must be/],
    [{ URL_TTL_SECONDS: '604801' }, /^URL_TTL_SECONDS must be a whole number from 60 to 604800/],
  ])('refuses %j and says why', (wrong, problem) => {
    const problems = problemsOf({ ...least, ...wrong });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join('\n')).toMatch(new RegExp(problem.source, 'm'));
    expect(problems.join('\n')).not.toContain('hunter2');
  });
});
