import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { apiPolicy, queueArn, visibilitySeconds, workerPolicy } from '@s3-image-app/infra';
import { startLocalAws } from '@s3-image-app/local-aws';
import { freePort, migrate, openLog, startApp, startEmbeddedPostgres } from '@s3-image-app/stack';
import type { TestProject } from 'vitest/node';
import { type Credentials, credentials } from '../identities.ts';
import { startBridge } from './bridge.ts';
import { letPostForms, reportTo, setUpBucket } from './bucket.ts';
import { createTopic, createUser, readStore, type Store } from './store.ts';

declare module 'vitest' {
  interface ProvidedContext {
    ceph: Store & { bucket: string; users: { api: Credentials; worker: Credentials } };
  }
}

const ACCOUNT = '000000000000';
const IMAGE_TIMEOUT_SECONDS = 30;

/**
 * Starts API and worker on the Ceph RGW that CEPH_ENDPOINT names (and CEPH_ACCESS_KEY, CEPH_SECRET_KEY of its owner), as two users who have the policies of infra/ and
 * nothing else, and names the service to the end-to-end suite by its E2E_ variables. PostgreSQL and the queue, which
 * Ceph has none of, are the embedded ones; a bridge hands Ceph's notifications on to the queue.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const store = readStore(process.env);
  const name = `e2e-${randomBytes(4).toString('hex')}`;
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.reverse()) await closer();
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 's3-image-app-ceph-'));
    // PostgreSQL, which runs as another user if we are root, must be able to enter.
    await chmod(folder, 0o711);
    closers.push(() => rm(folder, { recursive: true, force: true }));
    const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), durable: false });
    closers.push(postgres.stop);
    await migrate(postgres.url);

    const ports = { api: await freePort(), worker: await freePort() };
    const url = `http://127.0.0.1:${ports.api}`;
    const s3 = new S3Client({ ...store, credentials: store.owner, forcePathStyle: true });
    closers.push(() => s3.destroy());
    await setUpBucket(store, name, url);
    const api = await createUser(store, `${name}-api`, apiPolicy({ bucket: name }));
    const worker = await createUser(store, `${name}-worker`, workerPolicy({ bucket: name }));
    await letPostForms(s3, name, `${name}-api`);

    const queue = await startQueue({ name, region: store.region, worker });
    closers.push(queue.stop);
    const bridge = await startBridge(queue.sqs, queue.url);
    closers.push(bridge.stop);
    await reportTo(s3, name, await createTopic(store, name, bridge.url));

    const jwtSecret = randomBytes(32).toString('hex');
    const common = {
      PATH: process.env.PATH,
      DATABASE_URL: postgres.url,
      AWS_REGION: store.region,
      S3_BUCKET: name,
      S3_ENDPOINT: store.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
    };
    const start = async (app: 'api' | 'worker', health: string, env: NodeJS.ProcessEnv) => {
      const log = await openLog({ name: app, file: join(folder, `${app}.log`), verbose: false });
      const entry = `apps/${app}/src/main.ts`;
      const started = startApp({ name: app, entry, env: { ...common, ...env }, healthUrl: health, log });
      closers.push(started.stop);
      await started.healthy(new AbortController().signal);
    };
    await start('api', `${url}/readyz`, {
      AWS_ACCESS_KEY_ID: api.accessKeyId,
      AWS_SECRET_ACCESS_KEY: api.secretAccessKey,
      PORT: String(ports.api),
      ALLOWED_ORIGINS: url,
      JWT_SECRET: jwtSecret,
    });
    await start('worker', `http://127.0.0.1:${ports.worker}/healthz`, {
      AWS_ACCESS_KEY_ID: worker.accessKeyId,
      AWS_SECRET_ACCESS_KEY: worker.secretAccessKey,
      WORKER_HEALTH_PORT: String(ports.worker),
      SQS_QUEUE_URL: queue.url,
      SQS_ENDPOINT: queue.endpoint,
      IMAGE_TIMEOUT_SECONDS: String(IMAGE_TIMEOUT_SECONDS),
    });

    project.provide('ceph', { ...store, bucket: name, users: { api, worker } });
    Object.assign(process.env, {
      E2E_BASE_URL: url,
      E2E_JWT_SECRET: jwtSecret,
      E2E_S3_ENDPOINT: store.endpoint,
      E2E_S3_REGION: store.region,
      E2E_S3_BUCKET: name,
      E2E_S3_IGNORES_SHA256: '1',
      E2E_S3_ACCESS_KEY_ID: store.owner.accessKeyId,
      E2E_S3_SECRET_ACCESS_KEY: store.owner.secretAccessKey,
    });
    return close;
  } catch (error) {
    await close();
    throw error;
  }
}

/** A queue for the bucket's events, that the worker may consume by the keys that it has for the store. */
async function startQueue(options: { name: string; region: string; worker: Credentials }) {
  const { name, region, worker } = options;
  const arn = queueArn({ name, region, account: ACCOUNT });
  const { root } = credentials;
  const aws = await startLocalAws({
    region,
    users: [
      { name: 'root', ...root },
      { name: 'worker', ...worker, policy: workerPolicy({ bucket: name, queueArn: arn }) },
    ],
    log: console.error,
  });
  const sqs = new SQSClient({ endpoint: aws.endpoint, region, credentials: root });
  const VisibilityTimeout = String(visibilitySeconds(IMAGE_TIMEOUT_SECONDS));
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout } }),
  );
  return {
    sqs,
    url: QueueUrl,
    endpoint: aws.endpoint,
    stop: async () => {
      sqs.destroy();
      await aws.stop();
    },
  };
}
