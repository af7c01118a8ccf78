import { DeleteBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { MAX_RECEIVES, quarantineKey } from '@s3-image-app/infra';
import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestWorker, type TestWorker } from './start-test-worker.ts';

let it: TestWorker;
beforeAll(async () => {
  it = await startTestWorker({ run: false });
});
afterAll(() => it.close());

const receive = (QueueUrl: string) =>
  it.storage.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5, VisibilityTimeout: 0 }));

const setReadable = (readable: boolean) => {
  const { s3, bucket: Bucket } = it.storage;
  const deny = {
    Sid: 'Deny',
    Effect: 'Deny',
    Principal: '*',
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::${Bucket}/*`,
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [deny] });
  return readable
    ? s3.send(new DeleteBucketPolicyCommand({ Bucket }))
    : s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
};

test('an image whose last try fails has failed, its message is a dead letter, and sent again it succeeds', async () => {
  const image = await it.request();
  await setReadable(false);
  await it.upload(image, photo('portrait.jpg'));
  for (let count = 1; count < MAX_RECEIVES; count++) await receive(it.storage.queueUrl);

  void it.worker.run();
  await it.settled(image, 'failed');
  let letter: string | undefined;
  await expect
    .poll(
      async () => {
        const { Messages: [message] = [] } = await receive(it.storage.deadLetterQueueUrl);
        letter = message?.Body;
        return letter;
      },
      { timeout: 15_000 },
    )
    .toContain(image.id);
  expect(await it.keys('quarantine/')).toEqual([quarantineKey(image.id)]);

  await setReadable(true);
  await it.storage.sqs.send(
    new SendMessageCommand({ QueueUrl: it.storage.queueUrl, MessageBody: letter ?? '' }),
  );
  expect(await it.settled(image, 'ready')).toMatchObject({ attempts: 1 });
  await expect.poll(() => it.keys('quarantine/')).toEqual([]);
});
