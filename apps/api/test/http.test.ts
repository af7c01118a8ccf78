import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { connectDb } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEMS } from '../src/problems.ts';
import { bearer, ORIGIN, startApi, type TestApi } from './api.ts';
import { issue } from './images.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('health', () => {
  test('answers without a token', async () => {
    for (const url of ['/healthz', '/readyz']) {
      const response = await api.app.inject({ url });
      expect(response.statusCode).toBe(200);
      expect(response.json()).toEqual({ status: 'ok' });
    }
  });

  test('is alive but not ready without the database, and ready without S3', async () => {
    const withoutDatabase = await startApi({ DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' });
    const withoutS3 = await startApi({ S3_ENDPOINT: 'http://127.0.0.1:9' });
    try {
      expect((await withoutDatabase.app.inject({ url: '/healthz' })).statusCode).toBe(200);
      const ready = await withoutDatabase.app.inject({ url: '/readyz' });
      expect(ready.statusCode).toBe(503);
      expect(ready.json().code).toBe('database_unavailable');
      expect((await withoutS3.app.inject({ url: '/readyz' })).statusCode).toBe(200);
    } finally {
      await Promise.all([withoutDatabase.stop(), withoutS3.stop()]);
    }
  });
});

describe('without the database', () => {
  test('routes answer 503, when to come back, and nothing internal', async () => {
    const broken = await startApi({ DATABASE_URL: 'postgres://nobody:hunter2@127.0.0.1:9/none' });
    try {
      for (const url of ['/api/images/entity/product/42', `/api/images/${crypto.randomUUID()}`]) {
        const response = await broken.app.inject({ url, headers: bearer() });
        expect(response.statusCode).toBe(503);
        expect(response.json()).toMatchObject({ code: 'database_unavailable', success: false });
        expect(response.headers['retry-after']).toBe('5');
        expect(response.body).not.toMatch(/127\.0\.0\.1|hunter2|select|ECONN/i);
      }
    } finally {
      await broken.stop();
    }
  });
});

describe('without S3', () => {
  test('everything answers: forms and links are signed here, and deletion is left to the sweeper', async () => {
    const lonely = await startApi({ S3_ENDPOINT: 'http://127.0.0.1:9' });
    const ask = (method: 'GET' | 'POST' | 'DELETE', path: string, payload?: object) =>
      lonely.app.inject({
        method,
        url: `/api/images/${path}`,
        headers: bearer(),
        ...(payload ? { payload } : {}),
      });
    try {
      const issued = await ask('POST', 'upload', { contentType: 'image/png' });
      expect(issued.statusCode).toBe(201);
      const { id } = issued.json().image;
      expect((await ask('GET', id)).statusCode).toBe(200);

      const before = performance.now();
      expect((await ask('DELETE', id)).statusCode).toBe(204);
      expect(performance.now() - before).toBeLessThan(2_500);
      expect((await ask('GET', id)).statusCode).toBe(404);
    } finally {
      await lonely.stop();
    }
  });
});

describe('an address that does not exist', () => {
  test('answers a problem', async () => {
    const response = await api.app.inject({ url: '/api/nothing?x=1' });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({ code: 'not_found', instance: '/api/nothing' });
  });

  test('for that method names those that there are', async () => {
    const response = await api.app.inject({ method: 'PUT', url: '/api/images/upload', headers: bearer() });
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe('POST');
    expect(response.json().code).toBe('method_not_allowed');
  });

  test.each(['TRACE', 'PROPFIND', 'QUERY'] as const)('for %s names those that there are', async (method) => {
    const response = await api.app.inject({
      method: method as never,
      url: `/api/images/${crypto.randomUUID()}`,
      headers: bearer(),
    });
    expect(response.json()).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect(response.headers.allow).toBe('GET, HEAD, PATCH, DELETE');
  });
});

describe('an error that nobody foresaw', () => {
  test('answers 500 without a word of what it was', async () => {
    const response = await api.app.inject({
      url: '/api/images/entity/product/42',
      headers: { ...bearer(), traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` },
    });
    expect(response.statusCode).toBe(200);

    const sick = await startApi();
    const { db } = connectDb(sick.config.DATABASE_URL);
    try {
      // A table that is gone stands for any defect of ours.
      await db.execute('alter table images rename to elsewhere');
      const failed = await sick.app.inject({
        url: '/api/images/entity/product/42',
        headers: { ...bearer(), traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01` },
      });
      expect(failed.statusCode).toBe(500);
      expect(failed.json()).toEqual({
        type: '/docs/problems.md#internal_error',
        title: PROBLEMS.internal_error.title,
        status: 500,
        detail: 'The request could not be completed.',
        instance: '/api/images/entity/product/42',
        code: 'internal_error',
        traceId: 'ab'.repeat(16),
        success: false,
      });
    } finally {
      await sick.stop();
    }
  });
});

describe('a request over the wire', () => {
  let address: URL;
  beforeAll(async () => {
    address = new URL(await api.app.listen({ port: 0, host: '127.0.0.1' }));
  });

  /** What comes back on a connection of its own for these bytes. */
  const send = async (bytes: string) => {
    const socket = connect(Number(address.port), address.hostname);
    socket.write(bytes);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    return { head, body };
  };

  test('without a Host is refused as any other', async () => {
    const { head, body } = await send('GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 400 [\s\S]*application\/problem\+json/);
    expect(JSON.parse(body)).toMatchObject({ status: 400, code: 'bad_request' });
    expect((await send('GET /healthz HTTP/1.0\r\n\r\n')).head).toMatch(/^HTTP\/1.1 200 /);
  });

  test('with two Hosts is refused, whatever they say', async () => {
    for (const [version, other] of [
      ['1.1', 'Host: y'],
      ['1.1', 'hOST: x'],
      ['1.0', 'Host: x'],
    ]) {
      const { head, body } = await send(
        `GET /healthz HTTP/${version}\r\nHost: x\r\nAccept: a/b\r\n${other}\r\nConnection: close\r\n\r\n`,
      );
      expect(head).toMatch(/^HTTP\/1.1 400 [\s\S]*application\/problem\+json/);
      expect(JSON.parse(body)).toMatchObject({ status: 400, code: 'bad_request' });
    }
  });

  test('that expects what nobody knows is served without it', async () => {
    const { head } = await send(
      'GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: the-best\r\nConnection: close\r\n\r\n',
    );
    expect(head).toMatch(/^HTTP\/1.1 200 /);
  });

  test('with a body of ten million bytes is told so, and does not see the connection break', async () => {
    const response = await fetch(new URL('/api/images/upload', address), {
      method: 'POST',
      headers: { ...bearer(), 'content-type': 'application/json' },
      body: JSON.stringify({ contentType: 'image/png', alt: 'x'.repeat(10_000_000) }),
    });
    expect(response.status).toBe(413);
    expect(response.headers.get('connection')).not.toBe('close');
    expect(await response.json()).toMatchObject({ code: 'body_too_large' });
  });
});

test('a request without a body may name the type of one', async () => {
  const ask = (method: 'POST' | 'PATCH' | 'DELETE', path: string) =>
    api.app.inject({
      method,
      url: `/api/images/${path}`,
      headers: { ...bearer(), 'content-type': 'application/json' },
    });
  const { image } = await issue(api);
  expect((await ask('POST', `${image.id}/form`)).statusCode).toBe(200);
  for (const refused of [await ask('PATCH', image.id), await ask('POST', 'upload')]) {
    expect(refused.json()).toMatchObject({ status: 400, code: 'validation_failed' });
  }
  expect((await ask('DELETE', image.id)).statusCode).toBe(204);
});

test('a request that comes while the API closes is served, as the last of its connection', async () => {
  const closing = await startApi();
  let late: Response | undefined;
  // While this goes on the API is closing, and takes connections still.
  closing.app.addHook('preClose', async () => {
    late = await fetch(`${url}/api/images`, { headers: bearer() });
  });
  const url = await closing.app.listen({ port: 0, host: '127.0.0.1' });
  await closing.stop();
  expect(late?.status).toBe(200);
  expect(late?.headers.get('connection')).toBe('close');
});

describe('pages of other sites', () => {
  const preflight = (origin: string) =>
    api.app.inject({
      method: 'OPTIONS',
      url: '/api/images/upload',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });

  test('that are allowed may call the API', async () => {
    const response = await preflight(ORIGIN);
    expect(response.statusCode).toBe(204);
    expect(response.headers['access-control-allow-origin']).toBe(ORIGIN);
    expect(response.headers['access-control-allow-headers']).toMatch(/Authorization/);
    // A stream's reader tells by it where it was.
    expect(response.headers['access-control-allow-headers']).toMatch(/Last-Event-ID/);
    const refused = await api.app.inject({ url: '/api/images/x', headers: { origin: ORIGIN } });
    expect(refused.statusCode).toBe(401);
    expect(refused.headers['access-control-allow-origin']).toBe(ORIGIN);
  });

  test.each(['https://evil.example', `${ORIGIN}.evil.example`, 'null'])(
    'such as %s may not',
    async (origin) => {
      const response = await preflight(origin);
      expect(response.headers['access-control-allow-origin']).not.toBe(origin);
      expect(response.headers['access-control-allow-origin']).not.toBe('*');
    },
  );
});

describe('an address that cannot be read', () => {
  test.each(['/api/images/%zz?a=%zz', `/api/images/${'a'.repeat(201)}`])(
    'such as %s is refused with the headers that every answer has',
    async (url) => {
      const headers = { ...bearer(), origin: ORIGIN };
      const response = await api.app.inject({ url, headers });
      const path = url.split('?')[0];
      expect(response.json()).toMatchObject({ status: 400, code: 'bad_request', instance: path });
      // The same as where there is nothing.
      const nothing = await api.app.inject({ url: '/api/nothing', headers });
      expect(Object.keys(response.headers).sort()).toEqual(Object.keys(nothing.headers).sort());
      expect(response.headers['access-control-allow-origin']).toBe(ORIGIN);
      expect(response.headers['x-content-type-options']).toBe('nosniff');
      expect((await api.app.inject({ url: '/unroutable' })).json()).toMatchObject({ status: 404 });
      const preflight = await api.app.inject({
        method: 'OPTIONS',
        url,
        headers: { origin: ORIGIN, 'access-control-request-method': 'GET' },
      });
      expect(preflight.statusCode).toBe(204);
      expect(preflight.headers['access-control-allow-headers']).toMatch(/Authorization/);
    },
  );
});

describe('documentation', () => {
  test('describes every route in OpenAPI 3.1', async () => {
    const document = (await api.app.inject({ url: '/openapi.json' })).json();
    expect(document.openapi).toBe('3.1.0');
    const described = Object.entries(document.paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    );
    const served = api.routes
      .filter(({ method, url }) => url.startsWith('/api/images') && !['HEAD', 'OPTIONS'].includes(method))
      .map(({ method, url }) => `${method} ${url}`);
    for (const route of described) expect(served).toContain(route);
    expect(described).toHaveLength(10);
  });

  test('has a page, and explains every problem', async () => {
    const page = await api.app.inject({ url: '/docs' });
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    const problems = (await api.app.inject({ url: '/docs/problems.md' })).body;
    for (const code of Object.keys(PROBLEMS)) expect(problems).toContain(`## ${code}\n`);
  });
});

describe('the page', () => {
  test('is there in development', async () => {
    const response = await api.app.inject({ url: '/' });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(/^text\/html/);
    expect(response.headers['content-security-policy']).toContain(api.storage.endpoint);
    expect(response.headers['referrer-policy']).toBe('strict-origin-when-cross-origin');
  });

  test('is not there in production', async () => {
    const production = await startApi({ NODE_ENV: 'production' });
    try {
      const response = await production.app.inject({ url: '/' });
      expect(response.statusCode).toBe(404);
      expect(response.json().code).toBe('not_found');
    } finally {
      await production.stop();
    }
  });
});
