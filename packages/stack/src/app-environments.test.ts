import { expect, test } from 'vitest';
import { appEnvironments } from './app-environments.ts';
import { loadConfig } from './config.ts';

const aws = {
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
  bucket: 'images',
  queueUrl: 'http://127.0.0.1:4566/000000000000/originals',
  keys: {
    api: { accessKeyId: 'API', secretAccessKey: 'of api' },
    worker: { accessKeyId: 'WORKER', secretAccessKey: 'of worker' },
  },
  stop: async () => {},
};
const common = {
  config: loadConfig({}),
  databaseUrl: 'postgres://localhost/images',
  ports: { api: 3000, worker: 3001 },
  origins: ['http://localhost:3000', 'http://127.0.0.1:3000'],
  jwtSecret: 'secret of the tokens',
};

test('each app gets its own keys, and none of the AWS user who runs it', () => {
  const env = { AWS_PROFILE: 'somebody', AWS_SESSION_TOKEN: 'of somebody', LOG_LEVEL: 'debug' };
  const { api, worker } = appEnvironments({ ...common, env, aws });
  expect(api).toMatchObject({
    AWS_ACCESS_KEY_ID: 'API',
    AWS_SECRET_ACCESS_KEY: 'of api',
    LOG_LEVEL: 'debug',
  });
  expect(worker).toMatchObject({ AWS_ACCESS_KEY_ID: 'WORKER', AWS_SECRET_ACCESS_KEY: 'of worker' });
  for (const app of [api, worker]) {
    expect(app.AWS_PROFILE).toBeUndefined();
    expect(app.AWS_SESSION_TOKEN).toBeUndefined();
  }
});

test('only the API learns the secret of the tokens, and only the worker the queue', () => {
  const env = { JWT_ISSUER: 'https://login.example.com/' };
  const { api, worker } = appEnvironments({ ...common, env, aws });
  expect(api).toMatchObject({ JWT_SECRET: 'secret of the tokens', JWT_ISSUER: env.JWT_ISSUER });
  expect(Object.keys(worker).filter((name) => name.startsWith('JWT_'))).toEqual([]);
  expect(worker.SQS_QUEUE_URL).toBe(aws.queueUrl);
  expect(api.SQS_QUEUE_URL).toBeUndefined();
});

test('services that the environment names are left as they are', () => {
  const env = { AWS_PROFILE: 'somebody', S3_BUCKET: 'mine', SQS_QUEUE_URL: 'https://sqs.example.com/mine' };
  const { api, worker } = appEnvironments({ ...common, env, aws: undefined });
  expect(api).toMatchObject({ AWS_PROFILE: 'somebody', S3_BUCKET: 'mine', DATABASE_URL: common.databaseUrl });
  expect(worker).toMatchObject(env);
});
