/** Every replica of the worker sweeps, so several do at the same moment. */
import { randomUUID } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { connectDb, createImages, getImage, type ImageStatus, type NewImage } from '@s3-image-app/db';
import { quarantineKey, renditionKey } from '@s3-image-app/infra';
import { createLogger, type Logger } from '@s3-image-app/runtime';
import { photo } from '@s3-image-app/testkit';
import pLimit from 'p-limit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { loadConfig } from '../src/config.ts';
import { createPipeline } from '../src/create-pipeline.ts';
import { type Sweeper, sweep } from '../src/sweep/sweep.ts';
import { startTestWorker, type TestWorker } from './start-test-worker.ts';

const SWEEPERS = 3;
const PAST = new Date(Date.now() - 3_600_000);
const FUTURE = new Date(Date.now() + 3_600_000);

/** What a crash, an outage or a lost event left behind, and all that may become of it. */
type Case = {
  count: number;
  formExpiresAt?: Date;
  /** The row's columns as they were left, in SQL. */
  left?: string;
  original?: Buffer;
  /** Whether renditions lie there. */
  renditions?: true;
  /** The statuses that it goes through. */
  becomes: (ImageStatus | 'gone')[];
  /** What lies there at last; absent: nothing. */
  keeps?: ('original' | 'renditions')[];
};

const claimUntil = (moment: string) =>
  `claim_token = gen_random_uuid(), claim_expires_at = ${moment}, updated_at = ${PASSED}`;
const PASSED = "now() - interval '1 hour'";
const picture = photo('portrait.jpg');
const ready = `status = 'ready', s3_key = 'key', width = 1, height = 1, size_bytes = 1, ready_at = now()`;

const CASES: Record<string, Case> = {
  'form over, nothing came': { count: 210, formExpiresAt: PAST, becomes: ['expired'] },
  'form over, event lost': {
    count: 8,
    formExpiresAt: PAST,
    original: picture,
    becomes: ['processing', 'ready'],
    keeps: ['renditions'],
  },
  'form over, event of what is no image lost': {
    count: 8,
    formExpiresAt: PAST,
    original: photo('text.jpg'),
    becomes: ['processing', 'rejected'],
  },
  'expired, then its file came': {
    count: 4,
    formExpiresAt: PAST,
    left: `status = 'expired'`,
    original: picture,
    becomes: ['processing', 'ready'],
    keeps: ['renditions'],
  },
  'form open, event lost': {
    count: 8,
    original: picture,
    becomes: ['processing', 'ready'],
    keeps: ['renditions'],
  },
  'form open': { count: 10, becomes: [] },
  'its worker died': {
    count: 8,
    left: `status = 'processing', attempts = 1, ${claimUntil(PASSED)}`,
    original: picture,
    becomes: ['ready'],
    keeps: ['renditions'],
  },
  'its worker died, and nothing came': {
    count: 40,
    left: `status = 'processing', attempts = 1, ${claimUntil(PASSED)}`,
    becomes: ['pending'],
  },
  'its worker died, nothing came, and the form is over': {
    count: 40,
    formExpiresAt: PAST,
    left: `status = 'processing', attempts = 1, ${claimUntil(PASSED)}`,
    becomes: ['pending', 'expired'],
  },
  'it ended its worker each time': {
    count: 40,
    left: `status = 'processing', attempts = 5, ${claimUntil(PASSED)}`,
    original: picture,
    renditions: true,
    becomes: ['failed'],
    keeps: ['original'],
  },
  'a worker has it': {
    count: 4,
    left: `status = 'processing', attempts = 1, ${claimUntil("now() + interval '1 hour'")}`,
    original: picture,
    renditions: true,
    becomes: [],
    keeps: ['original', 'renditions'],
  },
  'a delete stopped half-way': {
    count: 110,
    left: `status = 'deleting', updated_at = ${PASSED}`,
    original: picture,
    renditions: true,
    becomes: ['gone'],
  },
  'a delete of what a worker has': {
    count: 4,
    left: `status = 'deleting', ${claimUntil("now() + interval '1 hour'")}`,
    renditions: true,
    becomes: [],
    keeps: ['renditions'],
  },
  'ready, sent again': {
    count: 20,
    left: ready,
    original: picture,
    renditions: true,
    becomes: [],
    keeps: ['renditions'],
  },
  'rejected, sent again': {
    count: 4,
    left: `status = 'rejected', rejection_code = 'corrupt'`,
    original: picture,
    becomes: [],
  },
  failed: { count: 4, left: `status = 'failed'`, original: picture, becomes: [], keeps: ['original'] },
};

type Left = NewImage & { case: Case };

const newImage = (formExpiresAt: Date): NewImage => ({
  id: randomUUID(),
  ownerId: 'alice',
  contentType: 'image/jpeg',
  maxBytes: 50_000_000,
  formExpiresAt,
  folder: 'uploads',
  visibility: 'private',
});

/** Leaves all of the cases behind, and a record of what becomes of each row. No event tells of them. */
async function leaveBehind(it: TestWorker): Promise<Left[]> {
  const { db } = it.db;
  const images = Object.values(CASES).flatMap((one) =>
    Array.from({ length: one.count }, () => ({ ...newImage(one.formExpiresAt ?? FUTURE), case: one })),
  );
  await createImages(
    db,
    images.map(({ case: _, ...row }) => row),
  );
  for (const one of Object.values(CASES)) {
    const ids = images.filter((image) => image.case === one).map(({ id }) => id);
    if (one.renditions) {
      await db.$client.unsafe("update images set rendition_widths = '{320}' where id = any($1)", [ids]);
    }
    if (one.left) await db.$client.unsafe(`update images set ${one.left} where id = any($1)`, [ids]);
  }
  const seats = pLimit(20);
  await seats.map(images, async (image) => {
    if (image.case.original) await it.upload(image, image.case.original);
    for (const key of image.case.renditions ? [renditionKey(image), renditionKey(image, 320)] : []) {
      await it.storage.s3.send(new PutObjectCommand({ Bucket: it.storage.bucket, Key: key, Body: 'x' }));
    }
  });
  await it.storage.sqs.send(new PurgeQueueCommand({ QueueUrl: it.storage.queueUrl }));
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
  return images;
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
