import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { bearer, startApi, type TestApi } from './api.ts';
import { issue, objectsOf } from './images.ts';

const MIB = 1024 * 1024;

type Behaviour = (incoming: IncomingMessage, answer: ServerResponse) => unknown;

/** An API whose S3 does with each upload what `behaviour` does; it takes files of up to 20 MiB. */
async function startApiOn(
  behaviour: Behaviour,
): Promise<{ api: TestApi; to: string; stop(): Promise<void> }> {
  // Without a listener of its own Node would answer an `Expect: 100-continue` by itself.
  const s3 = createServer(behaviour).on('checkContinue', behaviour).listen(0, '127.0.0.1');
  await once(s3, 'listening');
  const { port } = s3.address() as AddressInfo;
  const api = await startApi({
    S3_ENDPOINT: `http://127.0.0.1:${port}`,
    MAX_MULTIPART_BYTES: String(20 * MIB),
    MAX_PENDING_PER_OWNER: '1',
    MAX_BYTES_PER_OWNER: String(20 * MIB),
  });
  const to = await api.app.listen({ port: 0, host: '127.0.0.1' });
  const stop = async () => {
    await api.stop();
    s3.closeAllConnections();
    s3.close();
  };
  return { api, to, stop };
}

/**
 * Uploads a file to an API, in `pieces` with a pause after each. Resolves with the answer, and the milliseconds for
 * which it was awaited once everything was sent.
 */
async function upload(to: string, bytes: number, { pieces = 1, pauseMs = 0 } = {}) {
  const form = new FormData();
  form.append('image', new Blob([new Uint8Array(bytes)], { type: 'image/png' }), 'x.png');
  const encoded = new Response(form);
  const body = Buffer.from(await encoded.arrayBuffer());
  const outgoing = request(`${to}/api/images/upload`, {
    method: 'POST',
    headers: {
      ...bearer(),
      prefer: 'wait=0',
      'content-type': encoded.headers.get('content-type') ?? '',
      'content-length': body.length,
    },
  });
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>;
  for (let piece = 0; piece < pieces; piece++) {
    const at = (of: number) => Math.floor((body.length * of) / pieces);
    outgoing.write(body.subarray(at(piece), at(piece + 1)));
    await pause(pauseMs);
  }
  outgoing.end();
  if (!outgoing.writableFinished) await once(outgoing, 'finish');
  const sent = performance.now();
  const [response] = await answered;
  return {
    ms: performance.now() - sent,
    status: response.statusCode,
    headers: response.headers,
    body: JSON.parse(await text(response)),
  };
}

/** Takes at most `bytesPerSecond` of a body, steadily. */
async function takeSlowly(incoming: IncomingMessage, bytesPerSecond: number): Promise<void> {
  const start = performance.now();
  let taken = 0;
  for await (const chunk of incoming) {
    taken += chunk.length;
    const early = (taken / bytesPerSecond) * 1000 - (performance.now() - start);
    if (early > 0) await pause(early);
  }
}

/** Received files that this process, in which the APIs run, holds open. */
const openFiles = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).includes('/upload-');
    } catch {
      return false;
    }
  });

describe('a file that is to go to an S3 that', () => {
  test.for<[name: string, bytes: number, Behaviour]>([
    ['takes connections and says nothing, be it small', 1000, () => {}],
    ['takes connections and says nothing, be it large', 5 * MIB, () => {}],
    [
      'falls silent midway',
      10 * MIB,
      (incoming, answer) => {
        answer.writeContinue();
        let taken = 0;
        incoming.on('data', (chunk) => {
          taken += chunk.length;
          if (taken > MIB) incoming.pause();
        });
      },
    ],
    [
      'takes everything and never answers',
      5 * MIB,
      (incoming, answer) => {
        answer.writeContinue();
        incoming.resume();
      },
    ],
  ])('%s, is answered with 503 in two seconds and counts for nothing', async ([, bytes, behaviour]) => {
    const { api, to, stop } = await startApiOn(behaviour);
    try {
      const { ms, status, headers, body } = await upload(to, bytes);
      expect(body).toMatchObject({ status: 503, code: 'storage_unavailable', success: false });
      expect(status).toBe(503);
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(headers['retry-after']).toBe('5');
      expect(ms).toBeLessThan(2_000);

      const listed = await api.app.inject({ url: '/api/images', headers: bearer() });
      expect(listed.json().images).toEqual([]);
      // As much as its owner may hold.
      await issue(api, { contentType: 'image/png', size: 20 * MIB });
    } finally {
      await stop();
    }
  });

  describe.concurrent('works', () => {
    test('slowly but steadily, may take its time', async ({ expect }) => {
      const { to, stop } = await startApiOn(async (incoming, answer) => {
        answer.writeContinue();
        await takeSlowly(incoming, 5 * MIB);
        answer.end();
      });
      try {
        const { ms, status } = await upload(to, 20 * MIB);
        expect(status).toBe(202);
        expect(ms).toBeGreaterThan(3_500);
      } finally {
        await stop();
      }
    });

    test('at once, may come from a client who takes its time', async ({ expect }) => {
      const api = await startApi();
      const to = await api.app.listen({ port: 0, host: '127.0.0.1' });
      try {
        const start = performance.now();
        const { status, body } = await upload(to, 5 * MIB, { pieces: 20, pauseMs: 175 });
        expect(status).toBe(202);
        expect(performance.now() - start).toBeGreaterThan(3_500);
        expect(await objectsOf(api, body.image.id)).toEqual([`quarantine/${body.image.id}`]);
      } finally {
        await api.stop();
      }
    });
  });

  test.runIf(process.platform === 'linux')('does not stay open, and so on disk, after the answer', () =>
    expect.poll(openFiles).toEqual([]),
  );
});
