import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { photo } from '@s3-image-app/testkit';
import sharp from 'sharp';
import { describe, expect, onTestFinished, test } from 'vitest';
import { asFailure } from '../src/failures.ts';
import type { ImageProcessDied } from '../src/image/death.ts';
import { createImagePool, type PoolOptions } from '../src/image/pool.ts';
import type { Request } from '../src/image/protocol.ts';

const MIB = 1024 * 1024;
const request: Request = {
  declaredType: 'image/jpeg',
  limits: { maxPixels: 50_000_000, maxSide: 30_000, maxFrames: 100, maxTotalPixels: 50_000_000 },
  output: { maxSide: 100, variantWidths: [50], quality: 80, effort: 0 },
};
const never = new AbortController().signal;

/** A pool of the real image processes, or of one that does as its image says. */
function startPool(over: Partial<PoolOptions> & { child?: 'by-order' | 'tell' } = {}) {
  const deaths: ImageProcessDied[] = [];
  const pool = createImagePool({
    size: 1,
    timeoutMs: 10_000,
    memoryBytes: 1024 * MIB,
    recycleAfter: 100,
    onDeath: (death) => deaths.push(death),
    ...(over.child ? { entry: new URL(`./children/${over.child}.ts`, import.meta.url) } : {}),
    ...over,
  });
  onTestFinished(() => pool.close());
  const run = (image: Buffer | string, signal = never) => pool.process(request, Buffer.from(image), signal);
  return { pool, run, deaths };
}

const pidOf = ([pid]: number[]): number => {
  if (pid === undefined) throw new Error('No image process');
  return pid;
};

test('an image comes back in its sizes', async () => {
  const { run } = startPool();
  const { main, variants } = await run(photo('portrait.jpg'));
  expect(await sharp(main.bytes).metadata()).toMatchObject({ format: 'webp', width: 100, height: 100 });
  expect(variants.map(({ width, height }) => [width, height])).toEqual([[50, 50]]);
});

test('a verdict comes back as one, and the process goes on', async () => {
  const { pool, run } = startPool();
  const [pid] = pool.pids();
  await expect(run(photo('text.jpg'))).rejects.toThrow(expect.objectContaining({ code: 'not_an_image' }));
  await run(photo('portrait.jpg'));
  expect(pool.pids()).toEqual([pid]);
});

test('more images than processes wait for their turn', async () => {
  const { pool, run } = startPool({ size: 2 });
  await Promise.all(Array.from({ length: 8 }, () => run(photo('portrait.jpg'))));
  expect(pool.pids()).toHaveLength(2);
});

test('a process is replaced after the images that it may serve', async () => {
  const { pool, run } = startPool({ recycleAfter: 2 });
  const [first] = pool.pids();
  await run(photo('portrait.jpg'));
  expect(pool.pids()).toEqual([first]);
  await run(photo('portrait.jpg'));
  await expect.poll(() => pool.pids()).not.toContain(first);
  await run(photo('portrait.jpg'));
});

describe('what a process finds around it', () => {
  const ALLOCATOR = {
    MALLOC_ARENA_MAX: '1',
    MALLOC_MMAP_THRESHOLD_: '16777216',
    MALLOC_TRIM_THRESHOLD_: '33554432',
  };

  test('no environment but the settings of its allocator, no right to read, write or start anything', async () => {
    process.env.AWS_SECRET_ACCESS_KEY ??= 'secret of this test';
    const { run } = startPool({ child: 'tell' });
    const told = await run('').then(
      () => '',
      (error: Error) => error.message,
    );
    expect(JSON.parse(told)).toEqual({
      env: ALLOCATOR,
      read: 'ERR_ACCESS_DENIED',
      write: 'ERR_ACCESS_DENIED',
      spawn: 'ERR_ACCESS_DENIED',
    });
  });

  test.runIf(process.platform === 'linux')('of our sockets only the two that it is given', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    const { pool, run } = startPool();
    await run(photo('portrait.jpg'));
    const folder = `/proc/${pidOf(pool.pids())}/fd`;
    const sockets = readdirSync(folder).filter((fd) => readlinkSync(`${folder}/${fd}`).startsWith('socket:'));
    expect(sockets.sort()).toEqual(['2', '3']);
    expect(readFileSync(`/proc/${pidOf(pool.pids())}/environ`, 'utf8')).toBe(
      Object.entries(ALLOCATOR)
        .map(([name, value]) => `${name}=${value}\0`)
        .join(''),
    );
  });
});

describe('an image that costs two processes their life is rejected', () => {
  test.each([
    ['crash', 'corrupt', 'crash', {}],
    ['exit', 'corrupt', 'crash', {}],
    ['hang', 'processing_timeout', 'timeout', { timeoutMs: 300 }],
    ['eat memory', 'resource_limit', 'memory', { memoryBytes: 300 * MIB }],
    ['invent a code', 'corrupt', 'crash', {}],
    ['send text', 'corrupt', 'crash', {}],
    ['send too little', 'corrupt', 'crash', {}],
    ['send too much', 'corrupt', 'crash', {}],
    ['send a bad preview', 'corrupt', 'crash', {}],
    ['send no list', 'corrupt', 'crash', {}],
  ])('one that makes it %s as %s', async (order, code, how, limits) => {
    const { run, deaths } = startPool({ child: 'by-order', ...limits });
    await expect(run(order)).rejects.toThrow(expect.objectContaining({ code }));
    expect(deaths.map((death) => death.how)).toEqual([how, how]);
    await run('good');
  });

  test('and its detail is text that a page can show', async () => {
    const { run } = startPool({ child: 'by-order' });
    await expect(run('reject')).rejects.toThrow(expect.objectContaining({ message: 'It is odd. ' }));
  });
});

test('an image whose process dies once is tried in another and passes', async () => {
  const { pool, run, deaths } = startPool({ child: 'by-order' });
  await run(`crash|${pidOf(pool.pids())}`);
  expect(deaths).toHaveLength(1);
});

test('images beside one that crashes finish untouched', async () => {
  const { pool, run, deaths } = startPool({ child: 'by-order', size: 2 });
  const results = await Promise.allSettled(
    ['crash', ...Array.from({ length: 10 }, () => 'good')].map((order) => run(order)),
  );
  expect(results.map(({ status }) => status)).toEqual([
    'rejected',
    ...Array.from({ length: 10 }, () => 'fulfilled'),
  ]);
  expect(deaths).toHaveLength(2);
  expect(pool.pids().length).toBeLessThanOrEqual(2);
});

describe('processes that somebody kills say nothing of the image', () => {
  test.each(['SIGKILL', 'SIGTERM'])('%s each time: it can be tried again later', async (signal) => {
    const { run, deaths } = startPool({ child: 'by-order' });
    const failure = await run(`be sent ${signal}`).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'ImageProcessDied', how: 'killed' });
    expect(asFailure(failure)).toMatchObject({ kind: 'retryable' });
    expect(deaths).toHaveLength(4);
  });

  test('one that is killed before it has come up costs its image nothing', async () => {
    const { pool, run, deaths } = startPool();
    process.kill(pidOf(pool.pids()), 'SIGKILL');
    await run(photo('portrait.jpg'));
    expect(deaths.map(({ how }) => how)).toEqual(['killed']);
  });

  test('between two crashes they change nothing of the verdict', async () => {
    const { pool, run, deaths } = startPool({ child: 'by-order' });
    await expect(run(`be sent SIGKILL|${pidOf(pool.pids())}|crash`)).rejects.toThrow(
      expect.objectContaining({ code: 'corrupt' }),
    );
    expect(deaths.map(({ how }) => how)).toEqual(['killed', 'crash', 'crash']);
  });
});

test('a failure of our own is told as such, with what it was', async () => {
  const { run } = startPool({ child: 'by-order' });
  const failure = await run('fail').catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'ImageProcessFailed', message: 'no fault of the image' });
});

test('a process that does not come up is told as such, with what it complained of', async () => {
  const { run } = startPool({ entry: new URL('./children/absent.ts', import.meta.url) });
  const failure = await run('good').catch((error: unknown) => error);
  expect(failure).toMatchObject({ how: 'unstarted', message: expect.stringContaining('absent.ts') });
});

test('an image that is given up takes its process along, and the next one gets another', async () => {
  const { pool, run } = startPool({ child: 'by-order' });
  await run('good');
  const [pid] = pool.pids();
  const giveUp = new AbortController();
  const hanging = run('hang', giveUp.signal);
  giveUp.abort(new Error('given up'));
  await expect(hanging).rejects.toThrow('given up');
  await run('good');
  expect(pool.pids()).not.toContain(pid);
});

test.runIf(process.platform === 'linux')(
  'no process is left once the pool is closed, whatever it was at',
  async () => {
    const { pool, run } = startPool({ child: 'by-order', size: 2 });
    await Promise.all([run('good'), run('good')]);
    const pids = pool.pids();
    const hanging = run('hang').catch((error: unknown) => error);
    await pool.close();
    await hanging;
    expect(pool.pids()).toEqual([]);
    const running = new Set(readdirSync('/proc'));
    expect(pids.filter((pid) => running.has(String(pid)))).toEqual([]);
  },
);

test('killing any process does not cost a good image', async () => {
  const { pool, run } = startPool({ size: 2 });
  let done = 0;
  const images = Array.from({ length: 60 }, async () => {
    const { main } = await run(photo('portrait.jpg'));
    done += 1;
    // Never more often than one image may lose its process, should it meet the same one each time.
    if (done % 15 === 0 && done < 60) process.kill(pidOf(pool.pids()), 'SIGKILL');
    return main.bytes;
  });
  const [first, ...others] = await Promise.all(images);
  for (const other of others) expect(other).toEqual(first);
});
