import { claimImage, connectDb, createImages, markDeleting, removeImage } from '@s3-image-app/db';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { App } from '../src/types.ts';
import { bearer, startApi, type TestApi } from './api.ts';
import { issue, makeReady } from './images.ts';

let api: TestApi;
let address: string;
beforeAll(async () => {
  api = await startApi({ MAX_PENDING_PER_OWNER: '100000' });
  address = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api.stop());

const look = (id: string, headers: Record<string, string> = { prefer: 'wait=20' }) =>
  api.app.inject({ url: `/api/images/${id}`, headers: { ...bearer(), ...headers } });

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

/** Resolves once so many requests wait. */
const waiting = (app: App, count: number) =>
  vi.waitFor(
    async () => {
      const { body } = await app.inject({ url: '/metrics' });
      expect(body).toMatch(new RegExp(`^api_waiting_requests ${count}$`, 'm'));
    },
    { timeout: 15_000 },
  );

/** A look that is being held. The answer comes in `answer`. */
async function holdLook(id: string) {
  const answer = look(id);
  await waiting(api.app, 1);
  return { answer };
}

/** Questions to the database in so many milliseconds. */
async function queriesIn(milliseconds: number): Promise<number> {
  const queries = countQueries();
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  queries.end();
  return queries.count();
}

/** Rows written straight into the database, for tests that need many. */
const rows = (count: number) =>
  createImages(
    api.db.db,
    Array.from({ length: count }, () => ({
      id: crypto.randomUUID(),
      ownerId: 'alice',
      contentType: 'image/jpeg',
      maxBytes: 1000,
      formExpiresAt: new Date(Date.now() + 600_000),
      folder: 'uploads',
      visibility: 'private' as const,
    })),
  );

/** The events of a stream, as they come. */
async function* eventsOf(response: Response) {
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1];
      yield { event: field('event'), data: JSON.parse(field('data') ?? 'null') };
    }
  }
}

describe('a look that waits', () => {
  test('is answered soon after the status changes', async () => {
    const { image } = await issue(api);
    const held = await holdLook(image.id);

    const changed = performance.now();
    await claimImage(api.db.db, image.id, -1);
    const response = await held.answer;

    expect(performance.now() - changed).toBeLessThan(500);
    expect(response.statusCode).toBe(200);
    expect(response.json().image.status).toBe('processing');
    expect(response.headers).toMatchObject({ 'preference-applied': 'wait=20', vary: 'Origin, Prefer' });

    const next = look(image.id);
    await makeReady(api, image.id);
    expect((await next).json().image).toMatchObject({ status: 'ready', url: expect.any(String) });
  });

  test('is answered as things stand when the time is over', async () => {
    const { image } = await issue(api);
    const start = performance.now();
    const response = await look(image.id, { prefer: 'respond-async, wait=1' });
    expect(performance.now() - start).toBeGreaterThan(950);
    expect(response.json()).toEqual({ success: true, image });
    expect(response.headers['retry-after']).toBe('1');

    const etag = String(response.headers.etag);
    const same = await look(image.id, { prefer: 'wait=1', 'if-none-match': etag });
    expect(same.statusCode).toBe(304);
  });

  test('is answered at once where there is nothing to wait for', async () => {
    const { image } = await issue(api);
    const start = performance.now();
    expect((await look(image.id, { prefer: 'wait=25', 'if-none-match': '"old"' })).statusCode).toBe(200);
    await makeReady(api, image.id);
    expect((await look(image.id, { prefer: 'wait=25' })).statusCode).toBe(200);
    expect((await look('nonsense', { prefer: 'wait=25' })).statusCode).toBe(404);
    for (const prefer of ['wait=0', 'wait=-1', 'wait=soon', 'return=minimal', '']) {
      const response = await look((await issue(api)).image.id, { prefer });
      expect(response.headers['preference-applied']).toBeUndefined();
    }
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  test('ends with 404 when the image is deleted', async () => {
    const { image } = await issue(api);
    const held = await holdLook(image.id);
    await markDeleting(api.db.db, image.id);
    await removeImage(api.db.db, image.id);
    expect((await held.answer).statusCode).toBe(404);
  });

  test('costs the database the same for two thousand as for one, and a caller who left costs nothing', async () => {
    const images = await rows(2_000);
    const controller = new AbortController();
    const held = images.map(({ id }) => look(id, { prefer: 'wait=25' }));
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

  test('survives the loss of the connection that brings the news', async () => {
    const [first, second] = await rows(2);
    if (!first || !second) throw new Error('no rows');
    const other = connectDb(api.config.DATABASE_URL, { maxConnections: 1 });
    const held = await holdLook(first.id);
    await other.db.execute(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'listen%'",
    );
    await claimImage(other.db, first.id, 60);
    expect((await held.answer).json().image.status).toBe('processing');

    const next = await holdLook(second.id);
    await claimImage(other.db, second.id, 60);
    expect((await next.answer).json().image.status).toBe('processing');
    await other.close();
  });
});

describe('a stream of events', () => {
  const follow = (id: string, claims = {}) =>
    fetch(`${address}/api/images/${id}/events`, { headers: bearer(claims) });

  test('tells the image as it is, each change of its status, and then ends', async () => {
    const { image } = await issue(api);
    const response = await follow(image.id);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');

    const statuses: string[] = [];
    for await (const { event, data } of eventsOf(response)) {
      expect(event).toBe('image');
      statuses.push(data.image.status);
      if (data.image.status === 'pending') await claimImage(api.db.db, image.id, -1);
      if (data.image.status === 'processing') await makeReady(api, image.id);
      if (data.image.terminal) expect(data).toEqual((await look(image.id)).json());
    }
    expect(statuses).toEqual(['pending', 'processing', 'ready']);
  });

  test('tells that the image is gone, and ends', async () => {
    const { image } = await issue(api);
    const told: unknown[] = [];
    for await (const { event } of eventsOf(await follow(image.id))) {
      told.push(event);
      if (event === 'image') await markDeleting(api.db.db, image.id);
    }
    expect(told).toEqual(['image', 'gone']);
  });

  test('is not for those who may not see the image', async () => {
    const { image } = await issue(api);
    const refused = await follow(image.id, { sub: 'bob' });
    expect(refused.status).toBe(404);
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
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

test('closing the API lets go of everybody who waits', async () => {
  const closing = await startApi();
  const { image } = await issue(closing);
  const url = await closing.app.listen({ port: 0, host: '127.0.0.1' });
  const held = fetch(`${url}/api/images/${image.id}`, { headers: { ...bearer(), prefer: 'wait=25' } });
  const stream = await fetch(`${url}/api/images/${image.id}/events`, { headers: bearer() });
  await waiting(closing.app, 2);
  const start = performance.now();
  await closing.stop();
  expect(performance.now() - start).toBeLessThan(5_000);
  expect((await held).status).toBe(200);
  expect(await stream.text()).toContain('event: image');
});
