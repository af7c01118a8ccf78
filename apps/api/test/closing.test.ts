import { expect, test } from 'vitest';
import { bearer, startApi } from './api.ts';
import { issue } from './images.ts';
import { waiting } from './waiters.ts';

test('a request that comes while the API closes is served, as the last of its connection', async () => {
  const closing = await startApi();
  let late: Response | undefined;
  // While this goes on the API is closing, and takes connections still.
  closing.app.addHook('preClose', async () => {
    late = await fetch(`${url}/api/images`, { headers: bearer() });
  });
  const url = await closing.app.listen({ port: 0, host: '127.0.0.1' });
  await closing.stop();
  expect(late?.status).toBe(200);
  expect(late?.headers.get('connection')).toBe('close');
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
