import { apiPolicy, workerPolicy } from '@s3-image-app/infra';
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

test('a role stands for the policy that its role has on AWS', () => {
  const user = (role: string) => ({ name: role, accessKeyId: role, secretAccessKey: 'hush' });
  const entries = ['api', 'worker'].map((role) => ({ ...user(role), role }));
  const { users } = loadConfig({ LOCAL_AWS_USERS: JSON.stringify(entries), AWS_REGION: 'eu-central-1' });
  expect(users).toEqual([
    { ...user('api'), policy: apiPolicy({ bucket: '*' }) },
    {
      ...user('worker'),
      policy: workerPolicy({ bucket: '*', queueArn: 'arn:aws:sqs:eu-central-1:000000000000:*' }),
    },
  ]);
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
  [
    'with a role that is none',
    { LOCAL_AWS_USERS: '[{"name":"a","accessKeyId":"b","secretAccessKey":"c","role":"admin"}]' },
    'LOCAL_AWS_USERS[0].role must be api or worker',
  ],
  [
    'with both a role and a policy',
    { LOCAL_AWS_USERS: '[{"name":"a","accessKeyId":"b","secretAccessKey":"c","role":"api","policy":{}}]' },
    'LOCAL_AWS_USERS[0].policy must be left out',
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
