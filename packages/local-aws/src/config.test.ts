import { expect, test } from 'vitest';
import { loadConfig } from './config.ts';

const LOCAL_AWS_USERS = JSON.stringify([{ name: 'root', accessKeyId: 'KEY', secretAccessKey: 'hush' }]);

test('a configuration has defaults for all but the users', () => {
  expect(loadConfig({ LOCAL_AWS_USERS })).toEqual({
    host: '127.0.0.1',
    port: 4566,
    dataDir: undefined,
    region: 'us-east-1',
    users: [{ name: 'root', accessKeyId: 'KEY', secretAccessKey: 'hush' }],
  });
});

test.each([
  ['without users', {}, 'LOCAL_AWS_USERS is not set'],
  ['with users that are no JSON', { LOCAL_AWS_USERS: '{' }, 'LOCAL_AWS_USERS must be JSON'],
  ['with an empty list', { LOCAL_AWS_USERS: '[]' }, 'at least one user'],
  [
    'with a user without a secret',
    { LOCAL_AWS_USERS: '[{"name":"a","accessKeyId":"b"}]' },
    'LOCAL_AWS_USERS[0].secretAccessKey',
  ],
  [
    'with a policy that is not evaluated',
    { LOCAL_AWS_USERS: '[{"name":"a","accessKeyId":"b","secretAccessKey":"c","policy":{}}]' },
    'The policy of the user a',
  ],
  ['with a port that is none', { LOCAL_AWS_USERS, PORT: '70000' }, 'PORT must be a whole number'],
])('%s it is refused', (_name, env, message) => {
  expect(() => loadConfig(env)).toThrow(message);
});

test('a problem with the users repeats no secret', () => {
  const broken = '[{"name":"a","accessKeyId":"b","secretAccessKey":"hush"},{"name":1}';
  for (const users of [broken, `${broken}]`]) {
    let message = '';
    try {
      loadConfig({ LOCAL_AWS_USERS: users });
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('LOCAL_AWS_USERS');
    expect(message).not.toContain('hush');
  }
});
