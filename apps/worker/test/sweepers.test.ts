/** Every replica of the worker sweeps, so several do at the same moment. */
import { S3Client } from '@aws-sdk/client-s3';
import { connectDb, getImage } from '@s3-image-app/db';
import { quarantineKey, renditionKey } from '@s3-image-app/infra';
import { createLogger, type Logger } from '@s3-image-app/runtime';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { createPipeline } from '../src/create-pipeline.ts';
import { type Sweeper, sweep } from '../src/sweep/sweep.ts';
import { CASES, type Case, FUTURE, leaveBehind, picture } from './left-behind.ts';
import { startTestWorker, type TestWorker } from './start-test-worker.ts';

const SWEEPERS = 3;

/** From here on keeps a record of what becomes of each row. */
async function recordHistory({ db: { db } }: TestWorker): Promise<void> {
  await db.$client.unsafe(`
    create table history (at bigserial, image uuid, became text);
    create function note() returns trigger language plpgsql as $$
    begin
      insert into history (image, became) values (old.id, case tg_op when 'DELETE' then 'gone' else new.status end);
      return null;
    end $$;
    create trigger note_status after update of status on images
      for each row when (old.status is distinct from new.status) execute function note();
    create trigger note_delete after delete on images for each row execute function note();`);
}

/** Logs nothing, and fails the test for whatever is worth a warning. */
function quietLog(): { log: Logger; complaints: () => unknown[] } {
  const log = createLogger({ level: 'silent', name: 'worker' });
  vi.spyOn(log, 'child').mockReturnValue(log as never);
  const spies = (['warn', 'error', 'fatal'] as const).map((level) => vi.spyOn(log, level));
  return { log, complaints: () => spies.flatMap((spy) => spy.mock.calls) };
}

/** A sweeper like that of a worker process of its own. To it everything is old enough. */
function startSweeper(it: TestWorker, log: Logger): Sweeper {
  const config = loadConfig({ ...it.env, WORKER_CONCURRENCY: '1' });
  const db = connectDb(config.DATABASE_URL);
  const s3 = new S3Client({
    region: config.AWS_REGION,
    endpoint: config.S3_ENDPOINT ?? '',
    forcePathStyle: true,
    credentials: it.storage.credentials.worker,
  });
  const pipeline = createPipeline({ config, db: db.db, s3, log });
  onTestFinished(async () => {
    await pipeline.images.close();
    await db.close();
    s3.destroy();
  });
  return {
    ...pipeline,
    ages: { form: 0, work: 0, delete: 0 },
    concurrency: 1,
    signal: new AbortController().signal,
  };
}

test.each([
  ['alone', false],
  ['beside a worker that consumes', true],
])(
  'several sweepers at once, %s, bring each row to its end once, and lose or leave no object',
  async (_, consuming) => {
    const { log, complaints } = quietLog();
    const it = await startTestWorker({ log, run: false });
    onTestFinished(() => it.close());
    const { db } = it.db;
    const images = await leaveBehind(it);
    await recordHistory(it);
    await db.$client.unsafe(`
      insert into idempotency_keys (owner_id, key, fingerprint, image_ids, created_at)
      select 'alice', key, 'x', '{}', case key when 7 then now() else now() - interval '2 days' end
      from generate_series(1, 2100) as key`);

    const sweepers = Array.from({ length: SWEEPERS }, () => startSweeper(it, log));
    if (consuming) {
      void it.worker.run();
      const sent = await Promise.all(Array.from({ length: 8 }, () => it.request({ formExpiresAt: FUTURE })));
      images.push(...sent.map((image) => ({ ...image, case: CASES['form open, event lost'] as Case })));
      await Promise.all([
        ...sent.map((image) => it.upload(image, picture)),
        ...sweepers.map((sweeper) => sweep(sweeper)),
      ]);
      await Promise.all(sent.map((image) => it.settled(image, 'ready')));
    } else {
      await Promise.all(sweepers.map((sweeper) => sweep(sweeper)));
    }

    expect(complaints()).toEqual([]);
    const history = await db.$client.unsafe('select image, became from history order by at');
    const became = Map.groupBy(history, ({ image }) => image);
    const names = new Map(Object.entries(CASES).map(([name, one]) => [one, name]));
    const ends = images.map((image) => [
      names.get(image.case),
      (became.get(image.id) ?? []).map((entry) => entry.became),
    ]);
    expect(ends).toEqual(images.map((image) => [names.get(image.case), image.case.becomes]));

    const expected = await Promise.all(
      images.map(async ({ case: { keeps = [], renditions }, ...image }) => {
        const row = await getImage(db, image.id);
        const made = renditions
          ? [renditionKey(image), renditionKey(image, 320)]
          : [row?.s3Key, ...(row?.variants.map(({ s3Key }) => s3Key) ?? [])];
        return [
          ...(keeps.includes('original') ? [quarantineKey(image.id)] : []),
          ...(keeps.includes('renditions') ? made : []),
        ];
      }),
    );
    await expect.poll(async () => (await it.keys('')).sort()).toEqual(expected.flat().sort());
    const keys = await db.$client.unsafe('select key from idempotency_keys');
    expect(keys.map(({ key }) => key)).toEqual(['7']);
  },
  120_000,
);
