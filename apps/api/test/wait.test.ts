import { claimImage, markDeleting, removeImage } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';
import { issue, makeReady } from './images.ts';
import { holdLook, look, rows, waiting } from './waiters.ts';

let api: TestApi;
let address: string;
beforeAll(async () => {
  api = await startApi({ MAX_PENDING_PER_OWNER: '100000' });
  address = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api.stop());

/** A call that counts the questions to the database from here on. */
function countQueries() {
  const spy = vi.spyOn(api.db.db.$client, 'unsafe');
  let counted = 0;
  return {
    count: () => counted || spy.mock.calls.length,
    end: () => {
      counted = spy.mock.calls.length;
      spy.mockRestore();
    },
  };
}

/** Questions to the database in so many milliseconds. */
async function queriesIn(milliseconds: number): Promise<number> {
  const queries = countQueries();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  queries.end();
  return queries.count();
}

describe('a look that waits', () => {
  test('is answered soon after the status changes', async () => {
    const { image } = await issue(api);
    const held = await holdLook(api, image.id);

    const changed = performance.now();
    await claimImage(api.db.db, image.id, -1);
    const response = await held.answer;

    expect(performance.now() - changed).toBeLessThan(500);
    expect(response.statusCode).toBe(200);
    expect(response.json().image.status).toBe('processing');
    expect(response.headers).toMatchObject({ 'preference-applied': 'wait=20', vary: 'Origin, Prefer' });

    const next = look(api, image.id);
    await makeReady(api, image.id);
    expect((await next).json().image).toMatchObject({ status: 'ready', url: expect.any(String) });
  });

  test('is answered as things stand when the time is over', async () => {
    const { image } = await issue(api);
    const start = performance.now();
    const response = await look(api, image.id, { prefer: 'respond-async, wait=1' });
    expect(performance.now() - start).toBeGreaterThan(950);
    expect(response.json()).toEqual({ success: true, image });
    expect(response.headers['retry-after']).toBe('1');

    const etag = String(response.headers.etag);
    const same = await look(api, image.id, { prefer: 'wait=1', 'if-none-match': etag });
    expect(same.statusCode).toBe(304);
  });

  test('is answered at once where there is nothing to wait for', async () => {
    const { image } = await issue(api);
    const start = performance.now();
    expect((await look(api, image.id, { prefer: 'wait=25', 'if-none-match': '"old"' })).statusCode).toBe(200);
    await makeReady(api, image.id);
    expect((await look(api, image.id, { prefer: 'wait=25' })).statusCode).toBe(200);
    expect((await look(api, 'nonsense', { prefer: 'wait=25' })).statusCode).toBe(404);
    for (const prefer of ['wait=0', 'wait=-1', 'wait=soon', 'return=minimal', '']) {
      const response = await look(api, (await issue(api)).image.id, { prefer });
      expect(response.headers['preference-applied']).toBeUndefined();
    }
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  test('ends with 404 when the image is deleted', async () => {
    const { image } = await issue(api);
    const held = await holdLook(api, image.id);
    await markDeleting(api.db.db, image.id);
    await removeImage(api.db.db, image.id);
    expect((await held.answer).statusCode).toBe(404);
  });

  test('costs the database the same for two thousand as for one, and a caller who left costs nothing', async () => {
    const images = await rows(api, 2_000);
    const controller = new AbortController();
    const held = images.map(({ id }) => look(api, id, { prefer: 'wait=25' }));
    const left = fetch(`${address}/api/images/${images[0]?.id}`, {
      headers: { ...bearer(), prefer: 'wait=25' },
      signal: controller.signal,
    }).catch(() => 'gone');
    await waiting(api.app, 2_001);
    controller.abort();
    expect(await left).toBe('gone');
    await waiting(api.app, 2_000);
    expect(await queriesIn(2_000)).toBeLessThanOrEqual(10);

    const change = countQueries();
    await api.db.db.execute(
      "update images set status = 'failed' where owner_id = 'alice' and status = 'pending'",
    );
    const answers = await Promise.all(held);
    change.end();
    expect(answers.every((answer) => answer.json().image.status === 'failed')).toBe(true);
    expect(change.count()).toBeLessThan(100);
    // Nobody waits any more, the one who left neither.
    expect(await queriesIn(1_500)).toBe(0);
  });
});
