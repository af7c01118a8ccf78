import { getStatuses } from '@s3-image-app/db';
import { photo } from '@s3-image-app/testkit';
import pLimit from 'p-limit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startTestWorker } from './start-test-worker.ts';

test('while image processes are killed, all of 100 good images become ready', async () => {
  const it = await startTestWorker({
    env: { OUTPUT_MAX_PIXELS_SIDE: '64', VARIANT_WIDTHS: '32', WEBP_EFFORT: '0' },
  });
  onTestFinished(() => it.close());
  const images = await pLimit(8).map(Array.from({ length: 100 }), async () => {
    const image = await it.request();
    await it.upload(image, photo('portrait.jpg'));
    return image.id;
  });
  const ready = async () => {
    const statuses = [...(await getStatuses(it.db.db, images)).values()];
    return statuses.filter((status) => status === 'ready').length;
  };

  const killed = new Set<number>();
  for (const enough of [1, 25, 50]) {
    await expect.poll(ready, { timeout: 60_000, interval: 5 }).toBeGreaterThanOrEqual(enough);
    // A process that was just killed may not have its successor yet.
    const pid = await vi.waitUntil(() => it.worker.imageProcesses().find((one) => !killed.has(one)), {
      timeout: 10_000,
    });
    process.kill(pid, 'SIGKILL');
    killed.add(pid);
  }
  await expect.poll(ready, { timeout: 60_000 }).toBe(100);
  expect(killed.size).toBe(3);
}, 120_000);
