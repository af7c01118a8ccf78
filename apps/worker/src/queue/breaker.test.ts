import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';
import { createBreaker } from './breaker.ts';

const never = new AbortController().signal;

/** A breaker over a dependency that is down for its first `probes` probes. */
function breakerOver(probes: number) {
  const outages: unknown[] = [];
  let left = probes;
  const breaker = createBreaker({
    probe: async () => {
      if (left-- > 0) throw new Error('down');
    },
    onOutage: (error) => outages.push(error),
    backoff: { firstMs: 1, maxMs: 4 },
  });
  return { breaker, outages };
}

test('a closed breaker lets pass at once and asks nothing', async () => {
  const { breaker, outages } = breakerOver(1);
  await breaker.passage(never);
  expect([breaker.state, outages]).toEqual(['closed', []]);
});

test('an open one waits until the probe finds everything in place, then lets one through at a time until one succeeds', async () => {
  const { breaker, outages } = breakerOver(3);
  breaker.failed();
  expect(breaker.state).toBe('open');
  await breaker.passage(never);
  expect([breaker.state, outages.length]).toEqual(['half-open', 3]);
  await breaker.passage(never);
  breaker.succeeded();
  expect(breaker.state).toBe('closed');
});

test('a success elsewhere closes it while it waits', async () => {
  const { breaker, outages } = breakerOver(1);
  breaker.failed();
  const passage = breaker.passage(never);
  breaker.succeeded();
  await passage;
  expect([breaker.state, outages]).toEqual(['closed', []]);
});

test('the wait ends when the worker stops', async () => {
  const { breaker } = breakerOver(Number.POSITIVE_INFINITY);
  breaker.failed();
  const stop = new AbortController();
  const passage = breaker.passage(stop.signal);
  stop.abort();
  await expect(passage).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});

test('waits double up to the longest and are shortened by a quarter at most', () => {
  const waits = [1, 2, 3, 10, 1_000].map((attempt) => backoffMs(attempt, { firstMs: 100, maxMs: 1_000 }));
  for (const [index, most] of [100, 200, 400, 1_000, 1_000].entries()) {
    expect(waits[index]).toBeLessThanOrEqual(most);
    expect(waits[index]).toBeGreaterThanOrEqual(most * 0.75);
  }
});
