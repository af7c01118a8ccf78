/** Peak of the memory that the worker and its two image processes hold while the whole corpus goes through it. */
import { getStatuses } from '@s3-image-app/db';
import { corpus } from '@s3-image-app/testkit';
import pLimit from 'p-limit';
import { expect, onTestFinished, test } from 'vitest';
import { startTestWorker } from '../test/start-test-worker.ts';
import { report } from './report.ts';
import { startWorkerProcess } from './worker-process.ts';

const GOAL_MB = 700;
const SAMPLE_MS = 20;
const megabytes = (bytes: number): number => Math.round(bytes / 1e6);

test(`the worker holds less than ${GOAL_MB} MB`, async () => {
  const it = await startTestWorker({ run: false, env: { WORKER_CONCURRENCY: '2' } });
  onTestFinished(() => it.close());
  const worker = await startWorkerProcess(it.env);
  onTestFinished(() => worker.stop());
  let peak = { all: 0, worker: 0, imageProcesses: [0] };
  const sampling = setInterval(() => {
    const now = worker.residentBytes();
    if (now.all > peak.all) peak = now;
  }, SAMPLE_MS);
  onTestFinished(() => clearInterval(sampling));

  const ids = await pLimit(8).map(corpus(), async (file) => {
    const contentType = file.declaredType.startsWith('image/') ? file.declaredType : 'image/jpeg';
    const image = await it.request({ contentType });
    await it.upload(image, file.read());
    return image.id;
  });
  const unsettled = async () =>
    [...(await getStatuses(it.db.db, ids)).values()].filter((status) => !/ready|rejected/.test(status));
  await expect.poll(unsettled, { timeout: 600_000, interval: 500 }).toEqual([]);

  report('memory', {
    files: ids.length,
    peakMB: megabytes(peak.all),
    workerMB: megabytes(peak.worker),
    imageProcessesMB: peak.imageProcesses.map(megabytes),
  });
  expect(megabytes(peak.all)).toBeLessThan(GOAL_MB);
});
