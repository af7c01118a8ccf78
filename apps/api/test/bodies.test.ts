import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';
import { issue } from './images.ts';
import { type Part, sendFiles } from './send-files.ts';

let api: TestApi;
let address: string;
beforeAll(async () => {
  api = await startApi();
  address = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api.stop());

describe('a body', () => {
  const send = (contentType: string, payload: string) =>
    api.app.inject({
      method: 'POST',
      url: '/api/images/upload',
      headers: { ...bearer(), 'content-type': contentType },
      payload,
    });

  test.each([
    ['that is no JSON', 'application/json', '{"contentType"', 400, 'bad_request'],
    ['that poisons a prototype', 'application/json', '{"__proto__":{"x":1}}', 400, 'bad_request'],
    ['that is empty', 'application/json', '', 400, 'validation_failed'],
    ['of another media type', 'text/plain', 'hello', 415, 'unsupported_media_type'],
    ['that is an array', 'application/json', '[]', 400, 'validation_failed'],
    ['over 64 KiB', 'application/json', JSON.stringify({ alt: 'a'.repeat(70_000) }), 413, 'body_too_large'],
  ])('%s is refused', async (_name, contentType, payload, status, code) => {
    const response = await send(contentType, payload);
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ status, code, success: false });
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

describe('what a part of a form is called', () => {
  const form = (disposition: string) =>
    api.app.inject({
      method: 'POST',
      url: '/api/images/upload',
      headers: { ...bearer(), 'content-type': 'multipart/form-data; boundary=x' },
      payload: `--x\r\nContent-Disposition: form-data${disposition}\r\n\r\nhello\r\n--x--\r\n`,
    });

  test('must be told', async () => {
    expect((await form('; filename="a.jpg"')).json()).toMatchObject({
      status: 400,
      code: 'bad_request',
      detail: 'A part of the form has no name.',
    });
  });

  test.each(['__proto__[]', 'constructor[]'])(
    'may be no field that there is not, such as %s',
    async (name) => {
      const { errors } = (await form(`; name="${name}"`)).json();
      expect(errors.map(({ pointer }: { pointer: string }) => pointer).sort()).toEqual([
        `#/${name.slice(0, -2)}`,
        '#/image',
      ]);
    },
  );
});

describe('a file that comes through the API', () => {
  test('with more fields than a form may have is refused', async () => {
    const { body } = await sendFiles(
      address,
      'upload',
      Array.from({ length: 21 }, (_, at): Part => [`f${at}`, 'x']),
    );
    expect(body).toMatchObject({ status: 413, detail: 'A form may have 20 fields beside its files.' });
  });
});
