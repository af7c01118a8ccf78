import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { HTTPMethods } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEMS } from '../src/problems.ts';
import { bearer, startApi, type TestApi, token } from './api.ts';
import { callerOf, callsTo, type Operation, operationsOf } from './fuzz-calls.ts';
import { issue, makeReady } from './images.ts';

/** Milliseconds for each route; a longer hunt by the environment. */
const TIME = Number(process.env.FUZZ_MS ?? 1_200);

/** Bytes that the heap may grow by in the second half of the requests. */
const HEAP_GROWTH = 5_000_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

let api: TestApi;
let readyId: string;
let port: number;
beforeAll(async () => {
  api = await startApi({ MAX_PENDING_PER_OWNER: '100000', MAX_MULTIPART_BYTES: '10000' });
  readyId = (await issue(api, { visibility: 'public' }, 'fuzz')).image.id;
  await makeReady(api, readyId);
  await api.app.listen({ port: 0, host: '127.0.0.1' });
  port = (api.app.server.address() as { port: number }).port;
});
afterAll(() => api.stop());

function checkAnswer(response: { statusCode: number; headers: object; body: string }): void {
  expect(response.statusCode).toBeLessThan(500);
  if (response.statusCode < 400) return;
  expect(response.headers).toMatchObject({
    'content-type': expect.stringMatching(/^application\/problem\+json/),
  });
  const problem = JSON.parse(response.body);
  expect(problem).toMatchObject({
    type: `/docs/problems.md#${problem.code}`,
    title: expect.any(String),
    status: response.statusCode,
    detail: expect.any(String),
    instance: expect.any(String),
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    success: false,
  });
  expect(PROBLEMS).toHaveProperty(problem.code);
  for (const { pointer } of problem.errors ?? []) expect(pointer).toMatch(/^#(\/|$)/);
}

test('no request made from a route’s own schema, nearly or not at all, brings the API down or stays in its memory', async () => {
  const document = (await api.app.inject({ url: '/openapi.json' })).json();
  const operations = operationsOf(document);
  expect(operations.length).toBeGreaterThan(9);
  const fuzz = async (operation: Operation, milliseconds: number) => {
    const claims = { sub: callerOf(operation) };
    await fc.assert(
      fc.asyncProperty(callsTo(operation, readyId), async ({ url, headers, payload }) => {
        const response = await api.app.inject({
          method: operation.method as HTTPMethods,
          url,
          headers: { ...headers, ...bearer(claims) },
          ...(payload === undefined ? {} : { payload }),
        });
        checkAnswer(response);
      }),
      { numRuns: 100_000, interruptAfterTimeLimit: milliseconds, markInterruptAsFailure: false },
    );
  };
  // What is compiled and cached is there after the first round.
  for (const operation of operations) await fuzz(operation, TIME / 2);
  const before = heapUsed();
  for (const operation of operations) await fuzz(operation, TIME / 2);
  expect(heapUsed() - before).toBeLessThan(HEAP_GROWTH);
}, 60_000);

/** Sends bytes as they are and answers all that comes back until the connection closes. */
async function speak(bytes: string | Buffer): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.write(bytes);
  return text(socket).catch(() => '');
}

const authorization = `Authorization: Bearer ${token()}`;

describe('bytes that are no request', () => {
  test.each<[string, string | Buffer, number, string]>([
    ['noise', Buffer.from([0, 255, 1, 254, 13, 10, 13, 10]), 400, 'bad_request'],
    ['another protocol', 'EHLO example.com\r\n\r\n', 400, 'bad_request'],
    [
      'two lengths',
      `POST /api/images/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
      400,
      'bad_request',
    ],
    [
      'a length and chunks',
      `POST /api/images/upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      'bad_request',
    ],
    ['a NUL in a header', `GET /api/images HTTP/1.1\r\nHost: a\r\nX: a\u0000b\r\n\r\n`, 400, 'bad_request'],
    [
      'headers without end',
      `GET /api/images HTTP/1.1\r\nHost: a\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'an address that is none',
      `GET /api/images/%ff%zz HTTP/1.1\r\nHost: a\r\n${authorization}\r\nConnection: close\r\n\r\n`,
      400,
      'bad_request',
    ],
  ])('such as %s are answered as a problem', async (_name, bytes, status, code) => {
    const answer = await speak(bytes);
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head.toLowerCase()).toContain('content-type: application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code, success: false, traceId: expect.any(String) });
  });
});

describe('a request that goes too far', () => {
  test.each<[string, Record<string, string>, string, number]>([
    [
      '10 MB of JSON',
      { 'content-type': 'application/json' },
      JSON.stringify({ alt: 'a'.repeat(10_000_000) }),
      413,
    ],
    ['10 MB of nothing much', { 'content-type': 'text/plain' }, 'a'.repeat(10_000_000), 415],
    [
      'an object a thousand deep',
      { 'content-type': 'application/json' },
      `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`,
      400,
    ],
    ['a type that is none', { 'content-type': 'json' }, '{}', 415],
  ])('with %s is refused', async (_name, headers, payload, status) => {
    const response = await api.app.inject({
      method: 'POST',
      url: '/api/images/upload',
      headers: { ...bearer(), ...headers },
      payload,
    });
    expect(response.statusCode).toBe(status);
    checkAnswer(response);
  });

  test('with a header twice is taken or refused, never misread', async () => {
    const answer = await speak(
      `GET /api/images HTTP/1.1\r\nHost: a\r\n${authorization}\r\nAuthorization: Bearer other\r\nConnection: close\r\n\r\n`,
    );
    // Of two tokens the first counts, as Node reads it.
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    const twice = await speak(
      `POST /api/images/upload HTTP/1.1\r\nHost: a\r\n${authorization}\r\nIdempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
    );
    expect(twice).toMatch(/^HTTP\/1.1 400 /);
  });
});
