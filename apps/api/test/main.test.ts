import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  createTestDatabase,
  createTestStorage,
  type TestDatabase,
  type TestStorage,
} from '@s3-image-app/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, ORIGIN, SECRET } from './api.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let database: TestDatabase;
let storage: TestStorage;
let environment: Record<string, string>;
beforeAll(async () => {
  [database, storage] = await Promise.all([createTestDatabase(), createTestStorage()]);
  environment = {
    NODE_ENV: 'test',
    PORT: '0',
    DATABASE_URL: database.url,
    AWS_REGION: storage.region,
    AWS_ACCESS_KEY_ID: storage.credentials.api.accessKeyId,
    AWS_SECRET_ACCESS_KEY: storage.credentials.api.secretAccessKey,
    S3_BUCKET: storage.bucket,
    S3_ENDPOINT: storage.endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    ALLOWED_ORIGINS: ORIGIN,
    JWT_SECRET: SECRET,
  };
});
afterAll(() => Promise.all([database.drop(), storage.remove()]));

const start = (env: Record<string, string>) => fork(main, { env, silent: true });

const ended = async (child: ChildProcess): Promise<number | null> =>
  child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];

/** The process's log, until it says that it listens: answers where. */
async function listening(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no output to read');
  for await (const line of createInterface({ input: child.stdout })) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
    if (url) return url;
  }
  throw new Error('it ended without listening');
}

describe('the process', () => {
  test('serves, and ends well when it is asked to', async () => {
    const child = start(environment);
    const url = await listening(child);

    const issued = await fetch(`${url}/api/images/upload`, {
      method: 'POST',
      headers: { ...bearer(), 'content-type': 'application/json' },
      body: JSON.stringify({ contentType: 'image/png' }),
    });
    expect(issued.status).toBe(201);

    child.kill('SIGTERM');
    expect(await ended(child)).toBe(0);
  });

  test('ends with the process that started it', async () => {
    const child = start(environment);
    await listening(child);
    child.disconnect();
    expect(await ended(child)).toBe(0);
  });

  test('does not start with a wrong configuration, and says what is wrong with it', async () => {
    const child = start({ ...environment, JWT_SECRET: 'hunter2', PORT: 'http' });
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    expect(await ended(child)).toBe(1);
    expect(said).toMatch(/JWT_SECRET is too short/);
    expect(said).toMatch(/PORT must be a whole number/);
    expect(said).not.toMatch(/hunter2|node:internal/);
  });
});
