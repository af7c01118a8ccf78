import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { secretFiles } from './secret-files.ts';

const keysOf = (name: string) => ({ accessKeyId: `ID-${name}`, secretAccessKey: `secret-of-${name}` });
const secrets = {
  jwtSecret: 'what tokens are # "signed" with',
  postgresPassword: 'p@ss/word',
  aws: { root: keysOf('root'), api: keysOf('api'), worker: keysOf('worker') },
};
const environments = Object.fromEntries(
  secretFiles(secrets).map(({ path, content }) => [path, parseEnv(content)]),
);

test('each service finds its own secrets, as Node reads them', () => {
  expect(environments['api/env']).toEqual({
    DATABASE_URL: 'postgres://images:p%40ss%2Fword@postgres:5432/images',
    JWT_SECRET: secrets.jwtSecret,
    AWS_ACCESS_KEY_ID: 'ID-api',
    AWS_SECRET_ACCESS_KEY: 'secret-of-api',
  });
  expect(JSON.parse(environments['local-aws/env']?.LOCAL_AWS_USERS ?? '')).toEqual([
    { name: 'root', ...secrets.aws.root },
    { name: 'api', ...secrets.aws.api, role: 'api' },
    { name: 'worker', ...secrets.aws.worker, role: 'worker' },
  ]);
});

test('nobody but the local AWS and the set-up gets the root keys, and the worker nothing that tokens are made of', () => {
  const holders = (text: string) =>
    secretFiles(secrets)
      .filter(({ content }) => content.includes(text))
      .map(({ path }) => path);
  expect(holders('secret-of-root')).toEqual(['local-aws/env', 'setup/env']);
  expect(holders(secrets.jwtSecret)).toEqual(['api/env', 'token/env']);
});

test('a value that an environment file cannot hold is refused by its name, and not repeated', () => {
  expect(() => secretFiles({ ...secrets, jwtSecret: "it's" })).toThrow(/^JWT_SECRET must not contain/);
});
