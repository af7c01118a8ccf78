import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import {
  createTestDatabase,
  createTestStorage,
  type TestDatabase,
  type TestStorage,
} from '@s3-image-app/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer, ORIGIN, SECRET } from '../api.ts';
import { type ApiProcess, startApiProcess } from './api-process.ts';
import { type Certificate, createCertificate, type RedisServer, startRedis, USER } from './redis-server.ts';

/** Requests a minute of one caller. */
const LIMIT = 6;

let database: TestDatabase;
let storage: TestStorage;
let certificate: Certificate;
let ports: { plain: number; tls: number };
let redis: RedisServer;
/** One speaks to Redis plainly, the other by TLS. */
let one: ApiProcess;
let other: ApiProcess;
let environment: Record<string, string>;
const login = `${USER.name}:${encodeURIComponent(USER.password)}`;

beforeAll(async () => {
  [database, storage, certificate] = await Promise.all([
    createTestDatabase(),
    createTestStorage(),
    createCertificate(),
  ]);
  ports = { plain: await freePort(), tls: await freePort() };
  redis = await startRedis(ports, certificate);
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
    TRUST_PROXY: '1',
    RATE_LIMIT_PER_MINUTE: String(LIMIT),
    NODE_EXTRA_CA_CERTS: certificate.path,
  };
  [one, other] = await Promise.all([
    startApiProcess({ ...environment, REDIS_URL: `redis://${login}@localhost:${ports.plain}` }),
    startApiProcess({ ...environment, REDIS_URL: `rediss://${login}@localhost:${ports.tls}/0` }),
  ]);
});
afterAll(async () => {
  await Promise.all([one.stop(), other.stop()]);
  await Promise.all([redis.kill(), database.drop(), storage.remove(), certificate.remove()]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port;
}

/** A request for the caller's images, and the milliseconds that it took. */
async function ask(
  { url }: ApiProcess,
  { sub, address = crypto.randomUUID() }: { sub?: string; address?: string },
) {
  const start = performance.now();
  const { status, headers } = await fetch(`${url}/api/images`, {
    headers: {
      ...(sub === undefined ? { authorization: 'Bearer guess' } : bearer({ sub })),
      'x-forwarded-for': address,
    },
  });
  return { status, retryAfter: Number(headers.get('retry-after')), ms: performance.now() - start };
}

const times = async <T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> => {
  const results: T[] = [];
  while (results.length < count) results.push(await work(results.length));
  return results;
};

/** Whether what a new caller has asked of one process counts at the other. */
async function countsTogether(): Promise<boolean> {
  const sub = crypto.randomUUID();
  await times(LIMIT, () => ask(one, { sub }));
  return (await ask(other, { sub })).status === 429;
}

/** What a process has logged of Redis. */
const told = ({ log }: ApiProcess): string[] =>
  log.filter((line) => line.includes('Redis')).map((line) => JSON.parse(line).msg);

const GONE = 'Redis does not count requests: each process counts for itself';
const BACK = 'Redis counts requests again';

test('what a caller asks of two processes is one count, whose end both tell', async () => {
  const sub = crypto.randomUUID();
  const first = await times(LIMIT, (index) => ask(index % 2 ? one : other, { sub }));
  expect(first.map(({ status }) => status)).toEqual(Array(LIMIT).fill(200));
  for (const process of [one, other]) {
    const { status, retryAfter } = await ask(process, { sub });
    expect(status).toBe(429);
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(60);
  }
  expect((await ask(one, { sub: crypto.randomUUID() })).status).toBe(200);
});

test('so is what comes from an address, which is no caller of that name', async () => {
  const address = '203.0.113.7';
  const guesses = await times(LIMIT * 10, (index) => ask(index % 2 ? one : other, { address }));
  expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]));
  expect((await ask(one, { address })).status).toBe(429);
  expect((await ask(other, { address })).status).toBe(429);
  expect((await ask(other, { sub: address })).status).toBe(200);
});

test('keys are named after the project and end by themselves', async () => {
  const keys = (await redis.ask('keys', '*')).split('\n');
  expect(keys.filter((key) => !key.startsWith('s3-image-app:requests:'))).toEqual([]);
  expect(keys).toContain('s3-image-app:requests:address:203.0.113.7');
  expect(Number(await redis.ask('pttl', 's3-image-app:requests:address:203.0.113.7'))).toBeGreaterThan(0);
});

test('while Redis is killed and comes back, requests are answered at once, limited by each process for itself', async () => {
  expect(await countsTogether()).toBe(true);
  const sub = crypto.randomUUID();
  let killed = false;
  const killing = redis.kill().then(() => {
    killed = true;
  });
  const during = [];
  while (!killed) during.push(await ask(one, { sub: crypto.randomUUID() }));
  await killing;
  const after = await times(LIMIT + 1, () => ask(one, { sub }));
  const elsewhere = await times(LIMIT + 1, () => ask(other, { sub }));

  const slowest = Math.max(...[...during, ...after, ...elsewhere].map(({ ms }) => ms));
  console.log(`slowest of ${during.length} requests during the kill: ${slowest.toFixed()} ms`);
  expect(slowest).toBeLessThan(1_000);
  expect(new Set(during.map(({ status }) => status))).toEqual(new Set([200]));
  for (const answers of [after, elsewhere]) {
    expect(answers.map(({ status }) => status)).toEqual([...Array(LIMIT).fill(200), 429]);
    expect(answers.at(-1)?.retryAfter).toBeGreaterThan(0);
  }
  for (const { url } of [one, other]) expect((await fetch(`${url}/readyz`)).status).toBe(200);
  for (const process of [one, other]) expect(told(process)).toEqual([GONE]);

  redis = await startRedis(ports, certificate);
  await expect.poll(countsTogether, { timeout: 15_000 }).toBe(true);
  for (const process of [one, other]) expect(told(process)).toEqual([GONE, BACK]);
});

test('while Redis hangs it is waited for once, and no more', async () => {
  one.log.length = 0;
  expect(await redis.ask('client', 'pause', '4000', 'all')).toBe('OK');
  const answers = await times(200, () => ask(one, { sub: crypto.randomUUID() }));
  const waits = answers.filter(({ ms }) => ms > 200);
  console.log(
    `of ${answers.length} requests ${waits.length} waited, the longest for`,
    waits.map(({ ms }) => ms),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(waits.length).toBeLessThanOrEqual(1);
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(1_000);
  await expect.poll(countsTogether, { timeout: 15_000 }).toBe(true);
  expect(told(one)).toEqual([GONE, BACK]);
});

test('a process whose password is wrong starts all the same, says why once, and does not tell it', async () => {
  const alone = await startApiProcess({
    ...environment,
    REDIS_URL: `redis://${USER.name}:wrong-secret@localhost:${ports.plain}`,
  });
  const sub = crypto.randomUUID();
  const answers = await times(LIMIT + 1, () => ask(alone, { sub }));
  expect(answers.map(({ status }) => status)).toEqual([...Array(LIMIT).fill(200), 429]);
  expect(told(alone)).toEqual([GONE]);
  expect(await alone.stop()).toBe(0);
  expect(alone.log.join('\n')).toContain('WRONGPASS');
  expect(alone.log.join('\n')).not.toMatch(/wrong-secret|redis:\/\//);
});

test('a process that is stopped leaves no connection, and none has told where Redis is or how it logs in', async () => {
  const connections = async () =>
    (await redis.ask('client', 'list')).match(/name=s3-image-app /g)?.length ?? 0;
  expect(await connections()).toBe(2);
  const third = await startApiProcess({
    ...environment,
    REDIS_URL: `redis://${login}@localhost:${ports.plain}`,
  });
  expect(await connections()).toBe(3);
  expect(await third.stop()).toBe(0);
  await expect.poll(connections).toBe(2);
  for (const { log } of [one, other, third]) expect(log.join('\n')).not.toMatch(/hunter2|rediss?:\/\//);
});
