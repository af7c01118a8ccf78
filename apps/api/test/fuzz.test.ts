import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import type { HTTPMethods } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEMS } from '../src/problems.ts';
import { bearer, startApi, type TestApi, token } from './api.ts';
import { issue, makeReady } from './images.ts';

/** Milliseconds for each route; a longer hunt by the environment. */
const TIME = Number(process.env.FUZZ_MS ?? 1_200);

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

type Schema = {
  type?: string | string[];
  enum?: unknown[];
  examples?: unknown[];
  properties?: Record<string, Schema>;
  items?: Schema;
};

const HOSTILE: unknown[] = [
  ...[
    '',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\udfff\ud800',
    '../../etc/passwd',
    "'; drop table images; --",
    '%00',
    '%',
  ],
  ...['__proto__', 'constructor', '\u202e', 'Å'.repeat(300), 'a'.repeat(5_000), 'NaN', '1e999'],
  ...[0, -1, 1.5, 2 ** 53, 1e308, -(2 ** 63), true, false, null, [], [[[[[]]]]], {}, { a: { b: { c: [] } } }],
];

/** Mostly what the schema asks for, often enough something near it, sometimes something hostile. */
function like(schema: Schema): fc.Arbitrary<unknown> {
  const fitting: fc.Arbitrary<unknown>[] = [fc.constantFrom(...(schema.examples ?? schema.enum ?? ['a', 1]))];
  const type = [schema.type].flat()[0];
  if (type === 'string') fitting.push(fc.string({ unit: 'binary', maxLength: 300 }), fc.uuid());
  if (type === 'integer') fitting.push(fc.integer(), fc.maxSafeInteger());
  if (type === 'array' && schema.items) fitting.push(fc.array(like(schema.items), { maxLength: 12 }));
  if (schema.properties) {
    const known = Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, like(property)]),
    );
    fitting.push(
      fc.record(known, { requiredKeys: [] }),
      fc
        .tuple(
          fc.record(known, { requiredKeys: [] }),
          fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
        )
        .map(([right, wrong]) => ({ ...right, ...wrong })),
    );
  }
  return fc.oneof(
    { weight: 8, arbitrary: fc.oneof(...fitting) },
    { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
  );
}

const asText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(...HOSTILE).map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
);

/** Percent-encoded, unless it can't be, or should be wrong. */
const inUrl = (value: string): string => encodeURIComponent(value.toWellFormed()).replaceAll('.', '%2E');

const headerValue = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });

type Operation = { parameters?: { name: string; in: string; schema: Schema }[]; requestBody?: unknown };
type Call = { url: string; headers: Record<string, string>; payload?: string };

function calls(path: string, operation: Operation): fc.Arbitrary<Call> {
  const parameters = operation.parameters ?? [];
  const pathParts = fc.tuple(
    ...path.split('/').map((part) =>
      part.startsWith('{')
        ? fc.oneof(
            fc.constant(readyId),
            fc.uuid(),
            asText.map(inUrl),
            asText.map((raw) => raw.replaceAll(/[^\x21-\x7e]|[/?#]/g, '')),
          )
        : fc.constant(part),
    ),
  );
  const query = fc.array(
    fc.tuple(
      fc.oneof(fc.constantFrom('limit', 'cursor', ...parameters.map(({ name }) => name)), asText),
      fc.oneof(asText, fc.integer().map(String)),
    ),
    { maxLength: 4 },
  );
  const content = (operation.requestBody as { content?: Record<string, { schema: Schema }> })?.content ?? {};
  const schema = content['application/json']?.schema;
  const body = schema
    ? fc.oneof(
        { weight: 6, arbitrary: like(schema).map((value) => ['application/json', JSON.stringify(value)]) },
        {
          weight: 1,
          arbitrary: fc.tuple(
            fc.constantFrom(
              'application/json',
              'text/plain',
              'a/b;c',
              ';',
              'multipart/form-data; boundary=x',
            ),
            asText,
          ),
        },
        {
          weight: 1,
          arbitrary: asText.map((value) => [
            'multipart/form-data; boundary=x',
            `--x\r\nContent-Disposition: form-data; name="image"; filename="${value}.png"\r\n\r\n${value}\r\n--x\r\nContent-Disposition: form-data; name="alt"\r\n\r\n${value}\r\n--x--\r\n`,
          ]),
        },
      )
    : fc.constant(undefined);
  const headers = fc.record(
    {
      'if-match': headerValue,
      'if-none-match': headerValue,
      'idempotency-key': headerValue,
      traceparent: headerValue,
      accept: headerValue,
    },
    { requiredKeys: [] },
  );
  return fc.tuple(pathParts, query, body, headers).map(([parts, pairs, sent, extra]) => ({
    url: `${parts.join('/')}?${pairs.map(([name, value]) => `${inUrl(name)}=${inUrl(value)}`).join('&')}`,
    headers: {
      ...(extra as Record<string, string>),
      // An original that nobody processes would be waited for.
      prefer: 'wait=0',
      ...(sent ? { 'content-type': sent[0] as string } : {}),
    },
    ...(sent ? { payload: sent[1] as string } : {}),
  }));
}

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

test('no request made from a route’s own schema, nearly or not at all, brings the API down', async () => {
  const document = (await api.app.inject({ url: '/openapi.json' })).json();
  const operations = Object.entries(document.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
  );
  expect(operations.length).toBeGreaterThan(9);
  for (const { path, method, operation } of operations) {
    // Deleting ends what the others work on.
    const claims = method === 'delete' ? { sub: 'nobody' } : { sub: 'fuzz' };
    await fc.assert(
      fc.asyncProperty(calls(path, operation), async ({ url, headers, payload }) => {
        const response = await api.app.inject({
          method: method.toUpperCase() as HTTPMethods,
          url,
          headers: { ...headers, ...bearer(claims) },
          ...(payload === undefined ? {} : { payload }),
        });
        checkAnswer(response);
      }),
      { numRuns: 100_000, interruptAfterTimeLimit: TIME, markInterruptAsFailure: false },
    );
  }
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
