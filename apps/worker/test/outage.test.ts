import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { photo } from '@s3-image-app/testkit';
import { afterEach, expect, test } from 'vitest';
import { startTestWorker, type TestWorker } from './start-test-worker.ts';

let it: TestWorker;
afterEach(() => it.close());

const deadLetters = async (): Promise<number> => {
  const { Attributes = {} } = await it.storage.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: it.storage.deadLetterQueueUrl, AttributeNames: ['All'] }),
  );
  return Number(Attributes.ApproximateNumberOfMessages);
};

test.each(['S3', 'the database'] as const)(
  'while %s is away no message is used up, and all goes on when it is back',
  async (which) => {
    it = await startTestWorker({ proxied: true });
    const proxy = which === 'S3' ? it.proxies.s3 : it.proxies.database;
    const warmUp = await it.request();
    await it.upload(warmUp, photo('portrait.jpg'));
    await it.settled(warmUp, 'ready');

    const images = await Promise.all(Array.from({ length: 8 }, () => it.request()));
    proxy?.switchOff();
    await Promise.all(images.map((image) => it.upload(image, photo('portrait.jpg'))));
    // Each probe is refused at least once; by then more than MAX_RECEIVES would have been used up.
    await expect.poll(() => proxy?.refused(), { timeout: 30_000 }).toBeGreaterThan(12);
    proxy?.switchOn();

    const settled = await Promise.all(images.map((image) => it.settled(image, 'ready')));
    for (const { attempts } of settled) expect(attempts).toBeLessThanOrEqual(3);
    expect(await deadLetters()).toBe(0);
  },
  90_000,
);
