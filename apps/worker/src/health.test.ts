import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HealthServer, serveHealth } from './health.ts';

let alive = true;
let server: HealthServer;
beforeAll(async () => {
  server = await serveHealth({ host: '127.0.0.1', port: 0 }, () => alive);
});
afterAll(() => server.close());

const get = async (path: string) => {
  const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
  return [response.status, await response.text()];
};

test('/healthz answers 200 while the worker is alive and 503 when it is not', async () => {
  expect(await get('/healthz')).toEqual([200, '{"status":"ok"}']);
  alive = false;
  expect(await get('/healthz')).toEqual([503, '{"status":"unavailable"}']);
});

test('there is nothing else', async () => {
  expect((await get('/'))[0]).toBe(404);
});
