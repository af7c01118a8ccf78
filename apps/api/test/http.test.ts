import { connectDb } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEMS } from '../src/problems.ts';
import { bearer, ORIGIN, startApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

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
