/**
 * The whole worker (from the original in S3 to the ready row, without what S3, SQS and the database cost) against sharp
 * alone, on the same photos, by turns. ROUNDS and IMAGES (of each kind, a round) choose another run.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getImage, getStatuses } from '@s3-image-app/db';
import { photo } from '@s3-image-app/testkit';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { startTestWorker } from '../test/start-test-worker.ts';
import type { RawAnswer, RawJob } from './raw-sharp.ts';
import { report } from './report.ts';
import { startWorkerProcess } from './worker-process.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 7);
const IMAGES = Number(process.env.IMAGES ?? 12);
/** Images before the first that counts: a worker runs for days, and its code is compiled in the first minute. */
const WARM_UP = 40;

/** 12 megapixels as phones take them: without a profile, in sRGB, in Display P3. */
const KINDS = {
  'no profile': undefined,
  'sRGB profile': 'srgb',
  'Display P3': 'p3',
} as const;

const phonePhoto = (profile: string | undefined): Promise<Buffer> => {
  const image = sharp(photo('landscape-orientation-6.jpg'))
    .autoOrient()
    .resize(4032, 3024, { fit: 'fill' })
    .jpeg({ quality: 90 });
  return (profile ? image.withIccProfile(profile) : image).toBuffer();
};

const median = (values: number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
const rounded = (value: number): number => Math.round(value * 1000) / 1000;

test('CPU and time of the worker, divided by those of sharp alone', async () => {
  // Tests sweep every second, deployments don't.
  const env = { WORKER_CONCURRENCY: '2', SWEEP_INTERVAL_SECONDS: '60' };
  const it = await startTestWorker({ run: false, env });
  onTestFinished(() => it.close());
  const worker = await startWorkerProcess(it.env);
  onTestFinished(() => worker.stop());
  const raw = fork(fileURLToPath(new URL('raw-sharp.ts', import.meta.url)));
  onTestFinished(() => void raw.kill());
  const folder = mkdtempSync(join(tmpdir(), 'photos-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const config = loadConfig(it.env);
  const settings = {
    maxSide: config.OUTPUT_MAX_PIXELS_SIDE,
    widths: config.VARIANT_WIDTHS,
    quality: config.WEBP_QUALITY,
    effort: config.WEBP_EFFORT,
  };

  async function byWorker(bytes: Buffer, count: number): Promise<RawAnswer> {
    const images = await Promise.all(Array.from({ length: count }, () => it.request()));
    // Uploads take CPU of the same machine, and are no work of the worker's: it waits for the last one.
    worker.pause();
    await Promise.all(images.map((image) => it.upload(image, bytes)));
    const before = worker.cpuSeconds();
    const started = Date.now();
    worker.resume();
    const ids = images.map(({ id }) => id);
    const settled = async () => new Set((await getStatuses(it.db.db, ids)).values());
    // Seldom, since asking takes CPU from the worker; the rows tell when they became ready.
    await expect.poll(settled, { timeout: 300_000, interval: 250 }).toEqual(new Set(['ready']));
    const rows = await Promise.all(ids.map((id) => getImage(it.db.db, id)));
    const ended = Math.max(...rows.map((row) => row?.readyAt?.getTime() ?? 0));
    return {
      cpuSeconds: worker.cpuSeconds() - before,
      seconds: (ended - started) / 1000,
      widths: rows.map((row) => [row?.width ?? 0, ...(row?.variants.map(({ width }) => width) ?? [])]),
    };
  }
  async function bySharp(bytes: Buffer, count: number): Promise<RawAnswer> {
    const file = join(folder, 'photo.jpg');
    writeFileSync(file, bytes);
    const job: RawJob = { files: Array.from({ length: count }, () => file), ...settings };
    raw.send(job);
    const [answer] = await once(raw, 'message');
    return answer;
  }

  const plain = await phonePhoto(undefined);
  await byWorker(plain, WARM_UP);
  await bySharp(plain, WARM_UP);
  const figures: Record<string, object> = {};
  const perRound = { ours: Array(ROUNDS).fill(0), theirs: Array(ROUNDS).fill(0) };
  for (const [kind, profile] of Object.entries(KINDS)) {
    const bytes = await phonePhoto(profile);
    await byWorker(bytes, 2);
    await bySharp(bytes, 2);
    const rounds: { cpu: number; time: number; worker: RawAnswer; sharp: RawAnswer }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [ours, theirs] = [await byWorker(bytes, IMAGES), await bySharp(bytes, IMAGES)];
      expect(ours.widths, 'the renditions of both').toEqual(theirs.widths);
      perRound.ours[round] += ours.cpuSeconds;
      perRound.theirs[round] += theirs.cpuSeconds;
      rounds.push({
        cpu: ours.cpuSeconds / theirs.cpuSeconds,
        time: theirs.seconds / ours.seconds,
        worker: ours,
        sharp: theirs,
      });
    }
    const of = (pick: (round: (typeof rounds)[number]) => number) => rounded(median(rounds.map(pick)));
    figures[kind] = {
      cpuRatio: of(({ cpu }) => cpu),
      throughputRatio: of(({ time }) => time),
      workerCpuMsPerImage: Math.round((of(({ worker }) => worker.cpuSeconds) / IMAGES) * 1000),
      sharpCpuMsPerImage: Math.round((of(({ sharp }) => sharp.cpuSeconds) / IMAGES) * 1000),
      workerImagesPerSecond: rounded(IMAGES / of(({ worker }) => worker.seconds)),
      sharpImagesPerSecond: rounded(IMAGES / of(({ sharp }) => sharp.seconds)),
      cpuRatios: rounds.map(({ cpu }) => rounded(cpu)),
    };
  }
  // A third of each kind.
  const overAll = perRound.ours.map((cpu, round) => cpu / perRound.theirs[round]);
  report('worker', {
    cpuRatioOverAll: rounded(median(overAll)),
    imagesARound: IMAGES,
    rounds: ROUNDS,
    ...settings,
    ...figures,
  });
});
