import { randomUUID } from 'node:crypto';
import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import {
  connectDb,
  createImages,
  type DbConnection,
  getImage,
  type Image,
  type NewImage,
} from '@s3-image-app/db';
import { quarantineKey } from '@s3-image-app/infra';
import { createLogger, type Logger } from '@s3-image-app/runtime';
import { createTestDatabase, createTestStorage, type TestStorage } from '@s3-image-app/testkit';
import { expect } from 'vitest';
import { buildWorker, type Worker } from '../src/build-worker.ts';
import { loadConfig } from '../src/config.ts';
import type { Ages } from '../src/sweep/sweep.ts';
import { type SwitchableProxy, startProxy } from './switchable-proxy.ts';

export type TestWorker = {
  worker: Worker;
  /** Variables that make a worker process one like it. */
  env: Record<string, string>;
  db: DbConnection;
  storage: TestStorage;
  /** A pending row, as the API writes it. */
  request(over?: Partial<NewImage>): Promise<Image>;
  /** Puts an original as a form would. */
  upload(image: Pick<Image, 'id'>, bytes: Uint8Array): Promise<void>;
  /** The row, once it is in one of `statuses`. */
  settled(image: Pick<Image, 'id'>, ...statuses: Image['status'][]): Promise<Image>;
  proxies: { s3?: SwitchableProxy; database?: SwitchableProxy };
  keys(prefix: string): Promise<string[]>;
  read(key: string): Promise<Buffer>;
  close(): Promise<void>;
};

/**
 * A worker with the worker's own rights, on a database, a bucket and a queue of its own. A deaf one hears of no
 * event; a proxied one reaches S3 and its database by lines that can be cut. It runs, unless it is told not to.
 */
export async function startTestWorker(
  options: {
    env?: Record<string, string>;
    ages?: Partial<Ages>;
    deaf?: boolean;
    proxied?: boolean;
    log?: Logger;
    run?: false;
  } = {},
): Promise<TestWorker> {
  const [database, storage] = await Promise.all([createTestDatabase(), createTestStorage()]);
  const proxies = options.proxied
    ? { s3: await proxyTo(storage.endpoint), database: await proxyTo(database.url) }
    : {};
  const env = {
    NODE_ENV: 'test',
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'silent',
    DATABASE_URL: through(proxies.database, database.url),
    AWS_REGION: storage.region,
    S3_BUCKET: storage.bucket,
    S3_ENDPOINT: through(proxies.s3, storage.endpoint),
    S3_FORCE_PATH_STYLE: 'true',
    SQS_QUEUE_URL: options.deaf ? storage.deadLetterQueueUrl : storage.queueUrl,
    SQS_ENDPOINT: storage.endpoint,
    WORKER_CONCURRENCY: '2',
    SWEEP_INTERVAL_SECONDS: '1',
    ...options.env,
  };
  const config = loadConfig(env);
  // The test's own line to the database, which nothing cuts.
  const db = connectDb(database.url);
  const workerDb = connectDb(config.DATABASE_URL);
  const client = { region: storage.region, credentials: storage.credentials.worker };
  const s3 = new S3Client({ ...client, endpoint: config.S3_ENDPOINT, forcePathStyle: true });
  const sqs = new SQSClient({ ...client, endpoint: storage.endpoint });
  const worker = buildWorker({
    config,
    db: workerDb,
    s3,
    sqs,
    log: options.log ?? createLogger({ level: config.LOG_LEVEL, name: 'worker' }),
    ages: { form: 3600, work: 3600, delete: 3600, ...options.ages },
  });
  if (options.run !== false) void worker.run();

  return {
    worker,
    env: {
      ...env,
      AWS_ACCESS_KEY_ID: storage.credentials.worker.accessKeyId,
      AWS_SECRET_ACCESS_KEY: storage.credentials.worker.secretAccessKey,
    },
    db,
    storage,
    proxies,
    async request(over = {}) {
      const [image] = await createImages(db.db, [
        {
          id: randomUUID(),
          ownerId: 'alice',
          contentType: 'image/jpeg',
          maxBytes: 50 * 1024 * 1024,
          formExpiresAt: new Date(Date.now() + 300_000),
          folder: 'uploads',
          visibility: 'private',
          ...over,
        },
      ]);
      if (!image) throw new Error('No row was written');
      return image;
    },
    async upload({ id }, bytes) {
      await storage.s3.send(
        new PutObjectCommand({ Bucket: storage.bucket, Key: quarantineKey(id), Body: bytes }),
      );
    },
    async settled({ id }, ...statuses) {
      let image: Image | undefined;
      await expect
        .poll(
          async () => {
            image = await getImage(db.db, id);
            return statuses.some((status) => status === image?.status);
          },
          { timeout: 15_000, message: `image ${id} to be ${statuses.join(' or ')}` },
        )
        .toBe(true);
      return image as Image;
    },
    async keys(prefix) {
      const keys: string[] = [];
      const pages = paginateListObjectsV2({ client: storage.s3 }, { Bucket: storage.bucket, Prefix: prefix });
      for await (const { Contents = [] } of pages) keys.push(...Contents.map(({ Key = '' }) => Key));
      return keys;
    },
    async read(key) {
      const { Body } = await storage.s3.send(new GetObjectCommand({ Bucket: storage.bucket, Key: key }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    },
    async close() {
      await worker.close();
      s3.destroy();
      sqs.destroy();
      await Promise.all([db.close(), workerDb.close()]);
      proxies.s3?.close();
      proxies.database?.close();
      await Promise.all([storage.remove(), database.drop()]);
    },
  };
}

const proxyTo = (url: string): Promise<SwitchableProxy> => startProxy(Number(new URL(url).port));

/** `url`, by the way of `proxy` if there is one. */
function through(proxy: SwitchableProxy | undefined, url: string): string {
  const other = new URL(url);
  if (proxy) other.port = String(proxy.port);
  return other.href;
}
