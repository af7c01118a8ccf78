import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { createImages, type ImageStatus, type NewImage } from '@s3-image-app/db';
import { renditionKey } from '@s3-image-app/infra';
import { photo } from '@s3-image-app/testkit';
import pLimit from 'p-limit';
import type { TestWorker } from './start-test-worker.ts';

const PAST = new Date(Date.now() - 3_600_000);
export const FUTURE = new Date(Date.now() + 3_600_000);

/** What a crash, an outage or a lost event left behind, and all that may become of it. */
export type Case = {
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
export const picture = photo('portrait.jpg');
const ready = `status = 'ready', s3_key = 'key', width = 1, height = 1, size_bytes = 1, ready_at = now()`;

export const CASES: Record<string, Case> = {
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

export type Left = NewImage & { case: Case };

const newImage = (formExpiresAt: Date): NewImage => ({
  id: randomUUID(),
  ownerId: 'alice',
  contentType: 'image/jpeg',
  maxBytes: 50_000_000,
  formExpiresAt,
  folder: 'uploads',
  visibility: 'private',
});

/** Leaves all of the cases behind. No event tells of them. */
export async function leaveBehind(it: TestWorker): Promise<Left[]> {
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
  return images;
}
