import { createServer } from 'node:net';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { claimImage, unclaimImage } from '@s3-image-app/db';
import { renditionKey } from '@s3-image-app/infra';
import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';
import { issue, makeReady, objectsOf, post, rowOf } from './images.ts';
import { startWorker } from './worker.ts';

let api: TestApi;
let worker: { stop: () => Promise<void> };
beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api);
});
afterAll(async () => {
  await worker.stop();
  await api.stop();
});

const file = new Blob([new Uint8Array(photo('portrait.jpg'))]);

const remove = (id: string, from = api) =>
  from.app.inject({ method: 'DELETE', url: `/api/images/${id}`, headers: bearer() });

/** Neither an object nor the row is left, without the sweeper's help. */
const gone = (id: string) =>
  vi.waitFor(
    async () => {
      expect(await objectsOf(api, id)).toEqual([]);
      expect(await rowOf(api, id)).toBeUndefined();
    },
    { timeout: 15_000, interval: 100 },
  );

/** What an image goes through, one after the other. */
const STAGES = ['pending', 'processing', 'ready'];

/** Resolves as soon as the image has come so far, or further. */
const reached = (id: string, stage = 'pending') =>
  vi.waitFor(
    async () => {
      const row = await rowOf(api, id);
      expect(STAGES.indexOf(row?.status ?? '')).toBeGreaterThanOrEqual(STAGES.indexOf(stage));
    },
    { timeout: 15_000, interval: 2 },
  );

describe('a deleted image', () => {
  test('leaves nothing, whatever the worker was about to do with it', async () => {
    const ids = await Promise.all(
      Array.from({ length: 12 }, async (_, at) => {
        const { image, upload } = await issue(api);
        expect((await post(upload, file)).status).toBe(201);
        await reached(image.id, STAGES[at % STAGES.length]);
        expect((await remove(image.id)).statusCode).toBe(204);
        expect((await remove(image.id)).statusCode).toBe(404);
        return image.id;
      }),
    );
    await Promise.all(ids.map(gone));
  });

  test('leaves nothing when its form is used after all', async () => {
    const { image, upload } = await issue(api);
    expect((await remove(image.id)).statusCode).toBe(204);
    expect((await post(upload, file)).status).toBe(201);
    await gone(image.id);
  });

  test('leaves no rendition of a worker that died before it could name them', async () => {
    const { image } = await issue(api);
    const claim = await claimImage(api.db.db, image.id, 60, { renditionWidths: [200] });
    if (!claim) throw new Error('not claimed');
    for (const Key of [renditionKey(claim), renditionKey(claim, 200)]) {
      await api.storage.s3.send(new PutObjectCommand({ Bucket: api.storage.bucket, Key, Body: 'x' }));
    }
    await unclaimImage(api.db.db, claim);
    expect((await remove(image.id)).statusCode).toBe(204);
    expect(await objectsOf(api, image.id)).toEqual([]);
    expect(await rowOf(api, image.id)).toBeUndefined();
  });

  test('is ended by one of many deletes at once', async () => {
    const { image, upload } = await issue(api);
    await post(upload, file);
    const answers = await Promise.all(Array.from({ length: 8 }, () => remove(image.id)));
    expect(answers.some(({ statusCode }) => statusCode === 204)).toBe(true);
    expect(answers.every(({ statusCode }) => [204, 404].includes(statusCode))).toBe(true);
    await gone(image.id);
  });
});

describe('while S3 takes connections and says nothing', () => {
  let silent: ReturnType<typeof createServer>;
  let lonely: TestApi;
  beforeAll(async () => {
    silent = createServer((socket) => socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    lonely = await startApi({ S3_ENDPOINT: `http://127.0.0.1:${port}` });
  });
  afterAll(async () => {
    await lonely.stop();
    silent.close();
  });

  const timed = async <T>(work: Promise<T>): Promise<{ answer: T; ms: number }> => {
    const start = performance.now();
    return { answer: await work, ms: performance.now() - start };
  };

  test('a delete is answered, and the row stays for the sweeper', async () => {
    const { image } = await issue(lonely);
    const { answer, ms } = await timed(remove(image.id, lonely));
    expect(answer.statusCode).toBe(204);
    expect(ms).toBeLessThan(2_000);
    expect((await rowOf(lonely, image.id))?.status).toBe('deleting');
    expect((await remove(image.id, lonely)).statusCode).toBe(404);
  });

  test('routes that need no S3 answer as ever, and a file that would go there is refused in two seconds', async () => {
    const { image } = await issue(lonely);
    const ask = (method: 'GET' | 'POST' | 'PATCH', path: string, payload?: object) =>
      timed(
        lonely.app.inject({
          method,
          url: `/api/images${path}`,
          headers: bearer(),
          ...(payload ? { payload } : {}),
        }),
      );
    for (const { answer, ms } of [
      await ask('POST', '/upload', { contentType: 'image/png' }),
      await ask('POST', `/${image.id}/form`),
      await ask('PATCH', `/${image.id}`, { alt: 'x' }),
      await ask('GET', `/${image.id}`),
      await ask('GET', ''),
      await ask('GET', '/entity/product/1'),
    ]) {
      expect(answer.statusCode).toBeLessThan(300);
      expect(ms).toBeLessThan(500);
    }
    await makeReady(lonely, image.id);
    const link = await ask('GET', `/${image.id}/url`);
    expect(link.answer.statusCode).toBe(200);
    expect(link.ms).toBeLessThan(500);

    const form = new FormData();
    form.append('image', new Blob(['bytes'], { type: 'image/png' }), 'x.png');
    const address = await lonely.app.listen({ port: 0, host: '127.0.0.1' });
    const refused = await timed(
      fetch(`${address}/api/images/upload`, { method: 'POST', headers: bearer(), body: form }),
    );
    expect(refused.answer.status).toBe(503);
    expect(refused.answer.headers.get('retry-after')).toBe('5');
    expect(refused.ms).toBeLessThan(2_000);
  });
});
