import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEMS } from '../src/problems.ts';
import { startApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('the OpenAPI document', () => {
  const read = async () => (await api.app.inject({ url: '/openapi.json' })).json();

  test('is committed as it is served (vitest -u writes it anew)', async () => {
    await expect(`${JSON.stringify(await read(), null, 2)}\n`).toMatchFileSnapshot('../openapi.json');
  });

  test('tells every problem code, each with an example that fits its schema', async () => {
    const document = await read();
    const told = new Set<string>();
    for (const operation of Object.values<Record<string, { responses: object }>>(document.paths).flatMap(
      Object.values,
    )) {
      for (const [status, { content }] of Object.entries<{ content?: object }>(operation.responses)) {
        const { examples = {} } =
          (content as Record<string, { examples?: Record<string, { value: { status: number } }> }>)?.[
            'application/problem+json'
          ] ?? {};
        for (const [code, { value }] of Object.entries(examples)) {
          told.add(code);
          expect(String(value.status)).toBe(status);
        }
      }
    }
    // What is no route of ours has no place in the document.
    const elsewhere = ['not_found', 'method_not_allowed'];
    expect([...told, ...elsewhere].sort()).toEqual(Object.keys(PROBLEMS).sort());
    const { required, properties } = document.components.schemas.Problem;
    expect(properties.code.enum).toEqual(Object.keys(PROBLEMS));
    expect(required).toContain('traceId');
  });

  test('leads nowhere that is not in it', async () => {
    const document = await read();
    for (const [, path = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = path.split('/').reduce((value, name) => value?.[name], document);
      expect(target, path).toBeDefined();
    }
  });
});
