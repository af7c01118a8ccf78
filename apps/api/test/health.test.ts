import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './api.ts';

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
