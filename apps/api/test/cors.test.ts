import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ORIGIN, startApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

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
