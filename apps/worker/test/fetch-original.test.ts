import { randomUUID } from 'node:crypto';
import {
  DeleteBucketPolicyCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { quarantineKey } from '@s3-image-app/infra';
import { createTestStorage, type TestStorage } from '@s3-image-app/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { deleteOriginal } from '../src/storage/delete-objects.ts';
import { fetchOriginal } from '../src/storage/fetch-original.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = await createTestStorage();
});
afterAll(() => storage.remove());

const put = (id: string, body: string) =>
  storage.s3.send(new PutObjectCommand({ Bucket: storage.bucket, Key: quarantineKey(id), Body: body }));

/** Reads with the worker's rights; `afterHead` is what happens between the look at an original and its reading. */
function fetchAsWorker(id: string, afterHead: () => Promise<unknown> = async () => {}) {
  const s3 = new S3Client({
    endpoint: storage.endpoint,
    region: storage.region,
    forcePathStyle: true,
    credentials: storage.credentials.worker,
  });
  onTestFinished(() => s3.destroy());
  s3.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        if (commandName === 'HeadObjectCommand') await afterHead();
        return answer;
      },
    { step: 'initialize' },
  );
  const expected = { id, maxBytes: 100, declaredSize: null, sha256: null };
  return fetchOriginal({ s3, name: storage.bucket }, expected, new AbortController().signal);
}

test('an original is read whole', async () => {
  const id = randomUUID();
  await put(id, 'original');
  expect(String(await fetchAsWorker(id))).toBe('original');
});

test('where none is, none is read', async () => {
  expect(await fetchAsWorker(randomUUID())).toBeUndefined();
});

test('one that is overwritten while it is looked at is read as it is now', async () => {
  const id = randomUUID();
  await put(id, 'first');
  let overwritten = false;
  const original = await fetchAsWorker(id, async () => {
    if (!overwritten) await put(id, 'the second, longer one');
    overwritten = true;
  });
  expect(String(original)).toBe('the second, longer one');
});

test('one that is overwritten again and again is left for later', async () => {
  const id = randomUUID();
  await put(id, '0');
  let count = 0;
  await expect(fetchAsWorker(id, () => put(id, String(++count)))).rejects.toThrow(
    expect.objectContaining({ kind: 'retryable', message: expect.stringContaining('overwritten') }),
  );
});

test('one that is removed meanwhile is not there', async () => {
  const id = randomUUID();
  await put(id, 'gone');
  expect(
    await fetchAsWorker(id, () => deleteOriginal({ s3: storage.s3, name: storage.bucket }, id)),
  ).toBeUndefined();
});

test('one that is there and may not be read is a fault of the set-up, not an absence', async () => {
  const id = randomUUID();
  await put(id, 'forbidden');
  const Bucket = storage.bucket;
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Deny',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${Bucket}/${quarantineKey(id)}`,
      },
    ],
  });
  await storage.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  onTestFinished(async () => void (await storage.s3.send(new DeleteBucketPolicyCommand({ Bucket }))));
  await expect(fetchAsWorker(id)).rejects.toThrow(
    expect.objectContaining({ kind: 'retryable', message: expect.stringContaining('policy of the worker') }),
  );
});
