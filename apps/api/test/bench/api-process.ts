import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectDb, type DbConnection } from '@s3-image-app/db';
import { freePort } from '@s3-image-app/stack';
import { createTestDatabase, createTestStorage, type TestStorage } from '@s3-image-app/testkit';
import { expect, vi } from 'vitest';
import { ORIGIN, SECRET } from '../api.ts';

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export type ApiProcess = {
  url: string;
  config: { DATABASE_URL: string };
  db: DbConnection;
  storage: TestStorage;
  /** What it holds once all garbage is collected, in bytes. */
  collected(): Promise<NodeJS.MemoryUsage>;
  /** The most that it held resident while `work` ran, in bytes. */
  peakDuring(work: () => Promise<unknown>): Promise<number>;
  stop(): Promise<void>;
};

/** The API as it is deployed, in a process of its own, on a database and a bucket of its own. */
export async function startApiProcess(variables: Record<string, string> = {}): Promise<ApiProcess> {
  const [database, storage, port] = await Promise.all([
    createTestDatabase(),
    createTestStorage({ origins: [ORIGIN] }),
    freePort(),
  ]);
  const { accessKeyId, secretAccessKey } = storage.credentials.api;
  const child = fork(file('../../src/main.ts'), {
    execArgv: ['--expose-gc', '--import', file('tell-memory.ts')],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: database.url,
      AWS_REGION: storage.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      S3_BUCKET: storage.bucket,
      S3_ENDPOINT: storage.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      ALLOWED_ORIGINS: ORIGIN,
      JWT_SECRET: SECRET,
      MAX_PENDING_PER_OWNER: '100000',
      RATE_LIMIT_PER_MINUTE: '100000000',
      ...variables,
    },
  });
  const db = connectDb(database.url);
  const url = `http://127.0.0.1:${port}`;
  await vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).ok).toBe(true), { timeout: 20_000 });
  return {
    url,
    config: { DATABASE_URL: database.url },
    db,
    storage,
    collected: () => ask(child, 'collect'),
    async peakDuring(work) {
      await ask(child, 'watch');
      await work();
      return (await ask<{ peak: number }>(child, 'peak')).peak;
    },
    async stop() {
      if (child.exitCode !== null) throw new Error(`The API has ended by itself: ${child.exitCode}`);
      child.kill('SIGTERM');
      await once(child, 'exit');
      await db.close();
      await Promise.all([database.drop(), storage.remove()]);
    },
  };
}

async function ask<T>(child: ChildProcess, what: string): Promise<T> {
  child.send(what);
  const [answer] = await once(child, 'message');
  return answer as T;
}
