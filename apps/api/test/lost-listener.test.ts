import { claimImage, connectDb } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';
import { issue, makeReady } from './images.ts';
import { eventsOf, holdLook, rows, waiting } from './waiters.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

describe('a look that waits', () => {
  test('survives the loss of the connection that brings the news', async () => {
    const [first, second] = await rows(api, 2);
    if (!first || !second) throw new Error('no rows');
    const other = connectDb(api.config.DATABASE_URL, { maxConnections: 1 });
    const held = await holdLook(api, first.id);
    await other.db.execute(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'",
    );
    await claimImage(other.db, first.id, 60);
    expect((await held.answer).json().image.status).toBe('processing');

    const next = await holdLook(api, second.id);
    await claimImage(other.db, second.id, 60);
    expect((await next.answer).json().image.status).toBe('processing');
    await other.close();
  });
});

test('while the connection that brings news is refused for seconds, everybody has the news a second later', async () => {
  const refused = await startApi();
  onTestFinished(refused.stop);
  const { app, database, db } = refused;
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  // What the pool has open stays open.
  await Promise.all(Array.from({ length: 4 }, () => db.db.execute('select pg_sleep(0.2)')));
  const { image } = await issue(refused);
  const ask = (path: string) =>
    fetch(`${url}/api/images/${path}`, { headers: { ...bearer(), prefer: 'wait=20' } });
  const told: string[] = [];
  const stream = (async () => {
    for await (const { data } of eventsOf(await ask(`${image.id}/events`))) told.push(data.image.status);
  })();
  await waiting(app, 1);

  const readmit = await database.shutOutListeners();
  const change = async (work: () => Promise<unknown>) => {
    const answer = ask(image.id);
    await waiting(app, 2);
    const changed = performance.now();
    await work();
    const body = await (await answer).json();
    expect(performance.now() - changed).toBeLessThan(2_000);
    return body.image.status;
  };
  expect(await change(() => claimImage(db.db, image.id, -1))).toBe('processing');
  await vi.waitFor(() => expect(told).toEqual(['pending', 'processing']), { timeout: 2_000 });
  expect(await change(() => makeReady(refused, image.id))).toBe('ready');
  await stream;
  expect(told).toEqual(['pending', 'processing', 'ready']);

  await readmit();
  const listeners =
    "select 1 from pg_stat_activity where datname = current_database() and query like 'listen%'";
  await vi.waitFor(async () => expect(await db.db.execute(listeners)).toHaveLength(1), { timeout: 10_000 });
});
