import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ RATE_LIMIT_PER_MINUTE: '3', TRUST_PROXY: '1', MAX_BYTES_PER_OWNER: '2500' });
});
afterAll(() => api.stop());

const list = (sub: string, address: string, from = api) =>
  from.app.inject({
    url: '/api/images',
    headers: { ...bearer({ sub }), 'x-forwarded-for': `198.51.100.1, ${address}` },
  });

test('more requests of a caller than a minute allows are refused, from wherever, and others are not', async () => {
  for (let asked = 0; asked < 3; asked++)
    expect((await list('alice', `192.0.2.${asked}`)).statusCode).toBe(200);
  const refused = await list('alice', '192.0.2.9');
  expect(refused.json()).toMatchObject({ status: 429, code: 'rate_limited' });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60);
  expect((await list('bob', '192.0.2.9')).statusCode).toBe(200);
});

test('more requests from an address than ten callers may make are refused before the token is looked at', async () => {
  const guess = (address: string) =>
    api.app.inject({
      url: '/api/images',
      // What the client itself wrote into the header counts for nothing.
      headers: { authorization: 'Bearer guess', 'x-forwarded-for': `${crypto.randomUUID()}, ${address}` },
    });
  for (let asked = 0; asked < 30; asked++) expect((await guess('203.0.113.7')).statusCode).toBe(401);
  expect((await guess('203.0.113.7')).statusCode).toBe(429);
  expect((await guess('203.0.113.8')).statusCode).toBe(401);
  expect((await api.app.inject({ url: '/healthz' })).statusCode).toBe(200);
});

describe('with a Redis', () => {
  const silent = createServer((socket) => socket.on('error', () => {}));
  beforeAll(() => once(silent.listen(0, '127.0.0.1'), 'listening'));
  afterAll(() => silent.close());

  test.each([
    ['refuses connections', () => 9],
    ['takes connections and says nothing', () => (silent.address() as AddressInfo).port],
  ])('that %s the limit is counted here, nobody waits, and the process is ready', async (_name, port) => {
    const alone = await startApi({
      RATE_LIMIT_PER_MINUTE: '3',
      REDIS_URL: `redis://:hunter2@127.0.0.1:${port()}`,
    });
    try {
      const start = performance.now();
      const answers = [];
      for (let asked = 0; asked < 4; asked++) answers.push(await list('alice', '', alone));
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429]);
      expect(Number(answers[3]?.headers['retry-after'])).toBeGreaterThan(0);
      expect(performance.now() - start).toBeLessThan(1_000);
      expect((await alone.app.inject({ url: '/readyz' })).statusCode).toBe(200);
    } finally {
      await alone.stop();
    }
  });
});

test('more bytes than a caller may hold are refused, and a form that was given back makes place', async () => {
  const sub = crypto.randomUUID();
  const ask = (size: number, caller = sub) =>
    api.app.inject({
      method: 'POST',
      url: '/api/images/upload',
      headers: bearer({ sub: caller }),
      payload: { contentType: 'image/png', size },
    });
  const first = await ask(2000);
  expect(first.statusCode).toBe(201);
  const refused = await ask(501);
  expect(refused.json()).toMatchObject({ status: 429, code: 'quota_exceeded' });
  expect(refused.headers['retry-after']).toBe('300');
  // A fourth request of this caller would be one too many.
  expect((await ask(500)).statusCode).toBe(201);
});
