import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

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
