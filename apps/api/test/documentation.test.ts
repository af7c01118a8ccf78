import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEMS } from '../src/problems.ts';
import { startApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

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
