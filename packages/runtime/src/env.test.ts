import { describe, expect, it } from 'vitest';
import {
  ConfigError,
  httpUrl,
  origins,
  postgresUrl,
  readEnv,
  redisUrl,
  secret,
  wholeNumber,
  wholeNumbers,
} from './env.ts';

const problemsOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

describe('readEnv', () => {
  const specs = {
    PORT: wholeNumber({ min: 0, max: 65_535 })({ default: 3000, desc: 'port' }),
    DATABASE_URL: postgresUrl({ desc: 'PostgreSQL connection string' }),
    ALLOWED_ORIGINS: origins({ desc: 'sites' }),
  };
  const good = {
    DATABASE_URL: 'postgres://u:p@h/d',
    ALLOWED_ORIGINS: 'https://a.example, http://localhost:3000',
  };

  it('reads values of the right type and fills in defaults', () => {
    expect(readEnv(good, specs)).toMatchObject({
      PORT: 3000,
      ALLOWED_ORIGINS: ['https://a.example', 'http://localhost:3000'],
    });
  });

  it('reports every mistake at once, each by its variable', () => {
    const problems = problemsOf(() => readEnv({ PORT: '80 80', ALLOWED_ORIGINS: '*' }, specs));
    expect(problems).toHaveLength(3);
    expect(problems.join('\n')).toMatch(/^PORT must be a whole number from 0 to 65535, not "80 80"$/m);
    expect(problems.join('\n')).toMatch(/^DATABASE_URL is not set: PostgreSQL connection string$/m);
    expect(problems.join('\n')).toMatch(/^ALLOWED_ORIGINS must name each origin; "\*" has a wildcard$/m);
  });

  it('takes a variable that is set to nothing as not set', () => {
    expect(readEnv({ ...good, PORT: ' ' }, specs).PORT).toBe(3000);
  });

  it('never repeats a connection string, which holds a password', () => {
    const problems = problemsOf(() => readEnv({ ...good, DATABASE_URL: 'mysql://u:hunter2@h/d' }, specs));
    expect(problems).toEqual(['DATABASE_URL must be a URL that starts with postgres://']);
  });

  it('asks the rules between variables once each by itself is right', () => {
    const rule = () => ['JWT_SECRET or JWT_JWKS_URL must be set'];
    expect(problemsOf(() => readEnv(good, specs, rule))).toEqual(['JWT_SECRET or JWT_JWKS_URL must be set']);
  });
});

describe('variables', () => {
  const parse = (spec: { _parse: (input: string) => unknown }, input: string) => () => spec._parse(input);

  it.each(['', 'x', '-1', '1.5', '1e3', '0x10', 'NaN', '101', 'Infinity'])(
    'refuses %j as a whole number up to 100',
    (input) => {
      expect(parse(wholeNumber({ min: 1, max: 100 })(), input)).toThrow('whole number from 1 to 100');
    },
  );

  it('sorts a list of numbers and keeps each once', () => {
    expect(parse(wholeNumbers({ min: 1, max: 4000 })(), '1280, 320,640,320')()).toEqual([320, 640, 1280]);
    expect(parse(wholeNumbers({ min: 1, max: 4000 })(), '320,,640')).toThrow('separated by commas');
  });

  it('strips the slash at the end of a URL and refuses another scheme', () => {
    expect(parse(httpUrl(), 'http://127.0.0.1:4566/')()).toBe('http://127.0.0.1:4566');
    expect(parse(httpUrl(), 's3://bucket')).toThrow('http:// or https://');
  });

  it.each(['https://a.example/app', 'a.example', 'https://*.example'])('refuses %j as an origin', (input) => {
    expect(parse(origins(), input)).toThrow();
  });
});

describe('redisUrl', () => {
  const specs = { REDIS_URL: redisUrl({ desc: 'Redis' }) };

  it.each([
    'redis://127.0.0.1',
    'redis://:hunter2@redis.example:6380/1',
    'rediss://images:hunter%402@redis.example/',
    'redis://[::1]:6379',
  ])('takes %j', (url) => {
    expect(readEnv({ REDIS_URL: url }, specs).REDIS_URL).toBe(url);
  });

  it.each([
    'redis.example:6379',
    'http://:hunter2@redis.example',
    'redis:hunter2',
    'redis:///0',
    'redis://:hunter2@redis.example/images',
    'redis://:hunter2@redis.example:99999',
    'redis://redis.example?password=hunter2',
  ])('refuses %j without repeating it', (url) => {
    expect(problemsOf(() => readEnv({ REDIS_URL: url }, specs))).toEqual([
      'REDIS_URL must be a URL such as redis://user:password@host:6379/0, or rediss://… for TLS',
    ]);
  });
});

describe('secret', () => {
  const specs = { SECRET: secret({ minBytes: 32 })({ desc: 'secret' }) };

  it('takes one that is long enough', () => {
    expect(readEnv({ SECRET: 'x'.repeat(32) }, specs).SECRET).toHaveLength(32);
  });

  it('refuses a short one without repeating it', () => {
    expect(problemsOf(() => readEnv({ SECRET: 'hunter2' }, specs))).toEqual([
      'SECRET is too short: it needs at least 32 bytes, e.g. from: openssl rand -base64 48',
    ]);
  });
});
