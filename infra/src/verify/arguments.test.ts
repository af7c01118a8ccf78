import { describe, expect, it } from 'vitest';
import { parseArguments, UsageError } from './arguments.ts';

const credentials = {
  VERIFY_API_ACCESS_KEY_ID: 'key-of-api',
  VERIFY_API_SECRET_ACCESS_KEY: 'secret-of-api',
  VERIFY_WORKER_ACCESS_KEY_ID: 'key-of-worker',
  VERIFY_WORKER_SECRET_ACCESS_KEY: 'secret-of-worker',
};
const needed = ['--bucket', 'images', '--domain', 'https://app.example.com'];

const complaint = (argv: string[], env: Record<string, string> = credentials): string => {
  try {
    parseArguments(argv, env);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'nothing';
};

describe('the command line', () => {
  it('takes the separator that pnpm hands on', () => {
    expect(parseArguments(['--', '--help'], {})).toBe('help');
  });

  it("takes each role's credentials from variables", () => {
    expect(parseArguments(needed, { ...credentials, VERIFY_API_SESSION_TOKEN: 'session' })).toMatchObject({
      deployed: {
        region: 'us-east-1',
        queue: 'default',
        api: {
          credentials: {
            accessKeyId: 'key-of-api',
            secretAccessKey: 'secret-of-api',
            sessionToken: 'session',
          },
        },
        worker: { credentials: { accessKeyId: 'key-of-worker', secretAccessKey: 'secret-of-worker' } },
      },
      timeoutMs: 60_000,
    });
  });

  it('prefers profiles', () => {
    const argv = [...needed, '--api-profile', 'images-api', '--worker-profile', 'images-worker'];
    expect(parseArguments(argv, credentials)).toMatchObject({
      deployed: { api: { profile: 'images-api' }, worker: { profile: 'images-worker' } },
    });
  });

  it('takes the token from VERIFY_TOKEN', () => {
    const argv = [...needed, '--api-url', 'https://api.example.com/'];
    expect(parseArguments(argv, { ...credentials, VERIFY_TOKEN: 'a.b.c' })).toMatchObject({
      deployed: { service: { url: 'https://api.example.com', token: 'a.b.c' } },
    });
  });

  it('needs nothing more for --local', () => {
    expect(parseArguments(['--local'], { DATA_DIR: '/data' })).toMatchObject({
      deployed: 'local',
      dataDir: '/data',
    });
  });
});

describe('a call that cannot be used', () => {
  it.each([
    [[], '--bucket'],
    [['--bucket', 'images'], '--domain: Name at least one origin'],
    [['--bucket', 'images', '--domain', 'https://*.example.com'], 'wildcard'],
    [[...needed, '--endpoint', 's3.example.com'], '--endpoint must be a URL'],
    [[...needed, '--queue-url', 'https://q.example.com/1/q', '--no-queue'], 'contradict'],
    [[...needed, '--api-url', 'https://api.example.com'], 'VERIFY_TOKEN'],
    [[...needed, '--timeout', '0'], '--timeout must be a whole number of seconds, 1 to 3600'],
    [[...needed, '--timeout', '1e9'], '--timeout'],
    [[...needed, '--bukcet', 'x'], '--bukcet'],
  ])('%j is told %s', (argv, words) => {
    expect(complaint(argv)).toContain(words);
  });

  it('is told which variables hold the credentials that are missing', () => {
    const { VERIFY_WORKER_SECRET_ACCESS_KEY: _missing, ...rest } = credentials;
    const message = complaint(needed, rest);
    expect(message).toContain('VERIFY_WORKER_SECRET_ACCESS_KEY');
    expect(message).toContain('--worker-profile');
    for (const secret of Object.values(rest)) expect(message).not.toContain(secret);
  });
});
