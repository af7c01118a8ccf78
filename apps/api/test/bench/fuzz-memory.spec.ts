/**
 * Memory of the API: round after round of requests made from its own schemas, which must leave nothing behind, and the
 * most that it holds while many files come through it at once. Run by `pnpm --filter @s3-image-app/api bench:fuzz-memory`.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bearer } from '../api.ts';
import { type Call, callerOf, callsTo, operationsOf } from '../fuzz-calls.ts';
import { makeReady } from '../images.ts';
import { type ApiProcess, startApiProcess } from './api-process.ts';
import { createSender } from './sender.ts';

const ROUNDS = 10;
const REQUESTS = 2_000;
const AT_ONCE = 8;
/** Rounds that fill caches and compile code. */
const WARM_UP = 3;

const FILES = 32;
/** Bytes. */
const FILE = 5_000_000;

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

let api: ApiProcess;
let send: ReturnType<typeof createSender>;
beforeAll(async () => {
  api = await startApiProcess({ MAX_MULTIPART_BYTES: String(FILE) });
  send = createSender(api.url, AT_ONCE);
});
afterAll(async () => {
  send.close();
  await api.stop();
});

test('rounds of requests leave nothing behind', async () => {
  const issued = await fetch(`${api.url}/api/images/upload`, {
    method: 'POST',
    headers: { ...bearer({ sub: 'fuzz' }), 'content-type': 'application/json' },
    body: '{"contentType":"image/jpeg","visibility":"public"}',
  });
  const { image } = await issued.json();
  // Or whoever follows it would wait.
  await makeReady(api, image.id);
  const operations = operationsOf(await (await fetch(`${api.url}/openapi.json`)).json());

  const heaps: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const calls = operations.flatMap((operation) => {
      const numRuns = Math.ceil(REQUESTS / operations.length);
      const made = fc.sample(callsTo(operation, image.id), { numRuns, seed: round });
      const headers = bearer({ sub: callerOf(operation) });
      return made.map((call: Call) => ({
        ...call,
        method: operation.method,
        headers: { ...call.headers, ...headers },
      }));
    });
    const statuses = await send.all(calls);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    const { rss, heapUsed, external, arrayBuffers } = await api.collected();
    heaps.push(heapUsed);
    console.log(
      `round ${round}: ${statuses.length} requests, RSS ${mb(rss)}, heap ${mb(heapUsed)}, external ${mb(external)}, buffers ${mb(arrayBuffers)}`,
    );
  }
  const growth = (heaps.at(-1) ?? 0) - (heaps[WARM_UP - 1] ?? 0);
  console.log(`heap after ${ROUNDS} rounds, against that after ${WARM_UP}: ${mb(growth)}`);
});

test(`${FILES} files of ${mb(FILE)} at once`, async () => {
  const form = new FormData();
  form.append('image', new Blob([new Uint8Array(FILE)], { type: 'image/jpeg' }), 'photo.jpg');
  // Nobody processes them here, so nobody waits.
  const upload = async () => {
    const response = await fetch(`${api.url}/api/images/upload`, {
      method: 'POST',
      headers: { ...bearer(), prefer: 'wait=0' },
      body: form,
    });
    expect(response.status).toBe(202);
    await response.arrayBuffer();
  };
  await upload();
  for (let round = 1; round <= 4; round++) {
    const { rss } = await api.collected();
    const peak = await api.peakDuring(() => Promise.all(Array.from({ length: FILES }, upload)));
    const after = await api.collected();
    console.log(
      `uploads ${round}: RSS ${mb(rss)} before, ${mb(peak)} at the peak (+${mb(peak - rss)}), ${mb(after.rss)} after; heap ${mb(after.heapUsed)}`,
    );
  }
});
