import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBLEMS } from '../src/problems.ts';
import { startApi, type TestApi } from './api.ts';

type Shown = { examples?: unknown[]; items?: Shown; properties?: Record<string, Shown> };

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

  test('tells of every operation how code calls it, what its good answers mean and which headers they carry', async () => {
    const { paths } = await read();
    const operations = Object.values<
      Record<string, { operationId: string; responses: Record<string, { description: string }> }>
    >(paths).flatMap((item) => Object.values(item));
    expect(new Set(operations.map(({ operationId }) => operationId ?? '')).size).toBe(operations.length);
    for (const { responses } of operations) {
      for (const { description } of Object.values(responses)) {
        expect(description).not.toBe('Default Response');
      }
    }
    const look = paths['/api/images/{id}'].get.responses;
    expect(Object.keys(look[200].headers)).toEqual(['ETag', 'Retry-After', 'Preference-Applied']);
    expect(Object.keys(look[503].headers)).toEqual(['Retry-After']);
    expect(Object.keys(paths['/api/images'].get.responses[200].headers)).toEqual(['Link']);
  });

  test('shows an image as it may be', async () => {
    const { schema } = (await read()).paths['/api/images/{id}'].get.responses[200].content[
      'application/json'
    ];
    // What documentation pages make of a schema: each field's first example.
    const exampleOf = ({ examples, items, properties }: Shown): unknown => {
      if (examples) return examples[0];
      if (items) return [exampleOf(items)];
      return Object.fromEntries(Object.entries(properties ?? {}).map(([name, of]) => [name, exampleOf(of)]));
    };
    const image = exampleOf(schema.properties.image);
    const validate = new Ajv2020({
      formats: { uuid: true, uri: /^https:\/\/[!-~]+$/, 'date-time': true },
      keywords: ['example'],
    }).compile(schema);
    expect(validate({ success: true, image }), JSON.stringify(validate.errors)).toBe(true);
    expect(image).toMatchObject({ status: 'ready', terminal: true, rejection: null, expiresAt: null });
  });

  test('has no expressions that only the newest engines read', async () => {
    expect(JSON.stringify(await read())).not.toMatch(/"pattern":"[^"]*\(\?[a-z-]+:/);
  });

  test('leads nowhere that is not in it', async () => {
    const document = await read();
    for (const [, path = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = path.split('/').reduce((value, name) => value?.[name], document);
      expect(target, path).toBeDefined();
    }
  });
});
