import { photo } from '@s3-image-app/testkit';
import { describe, expect, test } from 'vitest';
import { bearer, startApi } from './api.ts';
import { objectsOf } from './images.ts';
import { fileOf, sendFiles } from './send-files.ts';

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

describe('a file that comes through the API', () => {
  const jpeg = photo('portrait.jpg');

  test('without a worker the answer comes after the wait that the caller prefers, with 202', async () => {
    const idle = await startApi();
    const to = await idle.app.listen({ port: 0, host: '127.0.0.1' });
    try {
      const { status, headers, body } = await sendFiles(to, 'upload', [['image', fileOf(jpeg)]], {
        prefer: 'wait=1',
      });
      expect(status).toBe(202);
      expect(headers.get('retry-after')).toBe('1');
      expect(headers.get('preference-applied')).toBe('wait=1');
      expect(headers.get('location')).toBe(`/api/images/${body.image.id}`);
      expect(body).toMatchObject({ success: true, image: { status: 'pending', url: null } });
      expect(await objectsOf(idle, body.image.id)).toEqual([`quarantine/${body.image.id}`]);
    } finally {
      await idle.stop();
    }
  });

  test('without S3 the answer is 503 within two seconds, and the sweeper finds what is left', async () => {
    const lonely = await startApi({ S3_ENDPOINT: 'http://127.0.0.1:9' });
    const to = await lonely.app.listen({ port: 0, host: '127.0.0.1' });
    try {
      const start = performance.now();
      const { status, headers, body } = await sendFiles(to, 'upload', [['image', fileOf(jpeg)]]);
      expect(performance.now() - start).toBeLessThan(2_000);
      expect(status).toBe(503);
      expect(body.code).toBe('storage_unavailable');
      expect(headers.get('retry-after')).toBe('5');
      const listed = await lonely.app.inject({ url: '/api/images', headers: bearer() });
      expect(listed.json().images).toEqual([]);
    } finally {
      await lonely.stop();
    }
  });
});
