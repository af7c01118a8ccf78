import { countPending } from '@s3-image-app/db';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ MAX_PENDING_PER_OWNER: '5' });
});
afterAll(() => api.stop());

type Ask = { path: string; headers?: Record<string, string>; payload: object | string };

const ask = (sub: string, { path, headers, payload }: Ask) =>
  api.app.inject({
    method: 'POST',
    url: `/api/images/${path}`,
    headers: { ...bearer({ sub }), ...headers },
    payload,
  });

const one = { contentType: 'image/png' };

const form: Ask = {
  path: 'upload',
  // Nobody takes the file from quarantine.
  headers: { 'content-type': 'multipart/form-data; boundary=x', prefer: 'wait=0' },
  payload: '--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nhello\r\n--x--\r\n',
};

test.each<[string, () => Ask, { good: number; granted: number; pending: number }]>([
  ['forms', () => ({ path: 'upload', payload: one }), { good: 201, granted: 5, pending: 5 }],
  [
    'forms under keys',
    () => ({ path: 'upload', headers: { 'idempotency-key': crypto.randomUUID() }, payload: one }),
    { good: 201, granted: 5, pending: 5 },
  ],
  [
    'two forms each',
    () => ({ path: 'upload-many', payload: { images: [one, one] } }),
    { good: 201, granted: 2, pending: 4 },
  ],
  [
    'two forms each under keys',
    () => ({
      path: 'upload-many',
      headers: { 'idempotency-key': crypto.randomUUID() },
      payload: { images: [one, one] },
    }),
    { good: 201, granted: 2, pending: 4 },
  ],
  ['files', () => form, { good: 202, granted: 5, pending: 5 }],
])(
  'of many who ask for %s at the same moment as many get them as may',
  async (_what, request, { good, granted, pending }) => {
    for (let round = 0; round < 3; round++) {
      const sub = crypto.randomUUID();
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask(sub, request())));
      const refused = answers.filter(({ statusCode }) => statusCode !== good);
      expect(refused).toHaveLength(20 - granted);
      for (const answer of refused) {
        expect(answer.json()).toMatchObject({ status: 429, code: 'too_many_pending' });
        expect(answer.headers['retry-after']).toBe('300');
      }
      expect(await countPending(api.db.db, sub)).toBe(pending);
    }
  },
);

test('a key that was refused for want of a place is good for another try', async () => {
  const sub = crypto.randomUUID();
  const keyed = () => ({ path: 'upload', headers: { 'idempotency-key': crypto.randomUUID() }, payload: one });
  const asked = Array.from({ length: 6 }, keyed);
  const answers = await Promise.all(asked.map((request) => ask(sub, request)));
  const refused = answers.findIndex(({ statusCode }) => statusCode === 429);
  const granted = answers.find(({ statusCode }) => statusCode === 201);
  await api.app.inject({
    method: 'DELETE',
    url: String(granted?.headers.location),
    headers: bearer({ sub }),
  });
  expect((await ask(sub, asked[refused] as Ask)).statusCode).toBe(201);
});
