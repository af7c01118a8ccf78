/**
 * 10,000 changed files through the image pool, and some of them through the whole pipeline. Prints how many got which
 * verdict. MUTANTS and SEED choose another run.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import pLimit from 'p-limit';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { createImagePool } from '../src/image/pool.ts';
import { ImageRejected } from '../src/image/rejection.ts';
import { mutate, mutation } from '../test/mutations/mutation.ts';
import { MUTANT_REQUEST } from '../test/mutations/request.ts';
import { startTestWorker } from '../test/start-test-worker.ts';
import { webpFlaws } from '../test/webp-flaws.ts';
import { report } from './report.ts';

const MUTANTS = Number(process.env.MUTANTS ?? 10_000);
const SEED = Number(process.env.SEED ?? 20_261_125);
/** Of which this many go the whole way: form, S3, queue, row. */
const THROUGH_PIPELINE = Math.min(300, MUTANTS);

const mutants = fc.sample(mutation, { seed: SEED, numRuns: MUTANTS });
const never = new AbortController().signal;

function tallying() {
  const tally: Record<string, number> = {};
  const count = (verdict: string) => {
    tally[verdict] = (tally[verdict] ?? 0) + 1;
  };
  return { tally, count };
}

/** Where the WebP tools are installed, their own parser looks at every rendition as well. */
function webpinfo(files: Buffer[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'renditions-'));
  try {
    const names = files.map((bytes, index) => {
      writeFileSync(join(folder, `${index}.webp`), bytes);
      return join(folder, `${index}.webp`);
    });
    const { stdout } = spawnSync('webpinfo', ['-bitstream_info', ...names], { encoding: 'utf8' });
    const sound = stdout.match(/No error detected\./g)?.length ?? 0;
    return sound === files.length ? [] : [`webpinfo finds ${files.length - sound} of them unsound`];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const hasWebpinfo = (): boolean => spawnSync('webpinfo', ['-version']).status === 0;

test(`${MUTANTS} changed files through the image pool`, async () => {
  const deaths = tallying();
  const pool = createImagePool({
    size: 2,
    timeoutMs: 10_000,
    memoryBytes: 1024 * 1024 * 1024,
    recycleAfter: 200,
    onDeath: ({ how }) => deaths.count(how),
  });
  onTestFinished(() => pool.close());
  const { tally, count } = tallying();
  const problems: string[] = [];
  const toInspect: Buffer[] = [];
  const tools = hasWebpinfo();
  const inspectAll = () => problems.push(...(tools ? webpinfo(toInspect.splice(0)) : []));
  const started = performance.now();
  let longest = 0;

  await pLimit(2).map(mutants, async (changed, index) => {
    const { declaredType, bytes } = mutate(changed);
    const begun = performance.now();
    try {
      const { main, variants } = await pool.process({ ...MUTANT_REQUEST, declaredType }, bytes, never);
      count('ready');
      for (const rendition of [main, ...variants]) {
        const decoded = await sharp(rendition.bytes, { animated: true, failOn: 'warning' }).stats();
        const flaws = [
          ...webpFlaws(rendition.bytes),
          ...(decoded.channels.length ? [] : ['has no channels']),
        ];
        problems.push(...flaws.map((flaw) => `${index} ${flaw}`));
        toInspect.push(rendition.bytes);
      }
      if (toInspect.length > 200) inspectAll();
    } catch (error) {
      count(error instanceof ImageRejected ? error.code : 'no verdict');
      if (!(error instanceof ImageRejected)) problems.push(`${index} ended by ${error}`);
    }
    longest = Math.max(longest, performance.now() - begun);
  });
  if (toInspect.length) inspectAll();

  report('mutate-pool', {
    files: MUTANTS,
    seed: SEED,
    verdicts: tally,
    lostProcesses: deaths.tally,
    problems: problems.length,
    checkedByWebpinfo: tools,
    longestMs: Math.round(longest),
    seconds: Math.round((performance.now() - started) / 1000),
  });
  expect(problems).toEqual([]);
});

test(`${THROUGH_PIPELINE} of them through the whole pipeline`, async () => {
  const it = await startTestWorker({ env: { OUTPUT_MAX_PIXELS_SIDE: '256', VARIANT_WIDTHS: '64' } });
  onTestFinished(() => it.close());
  const { tally, count } = tallying();
  const problems: string[] = [];
  await pLimit(4).map(mutants.slice(0, THROUGH_PIPELINE), async (changed, index) => {
    const { declaredType, bytes } = mutate(changed);
    const image = await it.request({ contentType: declaredType });
    await it.upload(image, bytes);
    const { status, rejectionCode, s3Key, variants } = await it.settled(image, 'ready', 'rejected', 'failed');
    count(rejectionCode ?? status);
    if (status === 'failed') problems.push(`${index} has failed`);
    const keys = await it.keys(`private/uploads/${image.id}`);
    const named = status === 'ready' ? [s3Key, ...variants.map((variant) => variant.s3Key)] : [];
    if (keys.length !== named.length) problems.push(`${index} has left ${keys}`);
    for (const key of keys) problems.push(...webpFlaws(await it.read(key)).map((flaw) => `${key} ${flaw}`));
  });
  await expect.poll(() => it.keys('quarantine/'), { timeout: 30_000 }).toEqual([]);
  report('mutate-pipeline', {
    files: THROUGH_PIPELINE,
    seed: SEED,
    verdicts: tally,
    problems: problems.length,
  });
  expect(problems).toEqual([]);
});
