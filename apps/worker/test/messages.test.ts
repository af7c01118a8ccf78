import { randomUUID } from 'node:crypto';
import { PutBucketNotificationConfigurationCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { claimImage, getImage } from '@s3-image-app/db';
import { quarantineKey } from '@s3-image-app/infra';
import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestWorker, type TestWorker } from './start-test-worker.ts';

/** Its bucket reports nothing: the tests send the messages. */
let it: TestWorker;
beforeAll(async () => {
  it = await startTestWorker();
  await it.storage.s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket: it.storage.bucket,
      NotificationConfiguration: {},
    }),
  );
});
afterAll(() => it.close());

const send = (body: unknown) =>
  it.storage.sqs.send(
    new SendMessageCommand({
      QueueUrl: it.storage.queueUrl,
      MessageBody: typeof body === 'string' ? body : JSON.stringify(body),
    }),
  );

const recordOf = (key: string, bucket = it.storage.bucket) => ({
  eventVersion: '2.1',
  eventSource: 'aws:s3',
  eventName: 'ObjectCreated:Put',
  s3: { bucket: { name: bucket }, object: { key } },
});

/** Messages in the queue, seen or unseen, that nobody has settled. */
async function waiting(): Promise<number> {
  const { Attributes = {} } = await it.storage.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: it.storage.queueUrl, AttributeNames: ['All'] }),
  );
  return (
    Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
  );
}
const drained = () => expect.poll(waiting, { timeout: 15_000 }).toBe(0);

test('every record of a message is processed', async () => {
  const images = await Promise.all([it.request(), it.request(), it.request()]);
  for (const image of images) await it.upload(image, photo('portrait.jpg'));
  await send({ Records: images.map(({ id }) => recordOf(quarantineKey(id))) });
  for (const image of images) await it.settled(image, 'ready');
  await drained();
});

test('the same message twice, at once and later, does no harm', async () => {
  const image = await it.request();
  await it.upload(image, photo('portrait.jpg'));
  const message = { Records: [recordOf(quarantineKey(image.id))] };
  await Promise.all([send(message), send(message)]);
  const ready = await it.settled(image, 'ready');
  await send(message);
  await drained();
  expect(await getImage(it.db.db, image.id)).toEqual(ready);
});

test("what doesn't concern us is acknowledged", async () => {
  await send({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: it.storage.bucket });
  await send({ Records: [recordOf('public/uploads/x.webp'), recordOf('quarantine/../x'), recordOf('x')] });
  await send({ Records: [recordOf(quarantineKey(randomUUID()), 'another-bucket')] });
  await drained();
});

test('an event without an original leaves the image pending, for the upload that may come', async () => {
  const image = await it.request();
  await send({ Records: [recordOf(quarantineKey(image.id))] });
  await drained();
  expect(await getImage(it.db.db, image.id)).toMatchObject({ status: 'pending', attempts: 0 });
  await it.upload(image, photo('portrait.jpg'));
  await send({ Records: [recordOf(quarantineKey(image.id))] });
  await it.settled(image, 'ready');
});

test('a message that is no event goes to the dead-letter queue and holds nothing up', async () => {
  const body = `no event ${randomUUID()}`;
  await send(body);
  const image = await it.request();
  await it.upload(image, photo('portrait.jpg'));
  await send({ Records: [recordOf(quarantineKey(image.id))] });
  await it.settled(image, 'ready');
  await expect
    .poll(
      async () => {
        const { Messages = [] } = await it.storage.sqs.send(
          new ReceiveMessageCommand({ QueueUrl: it.storage.deadLetterQueueUrl, WaitTimeSeconds: 1 }),
        );
        return Messages.map((message) => message.Body);
      },
      { timeout: 15_000 },
    )
    .toContain(body);
  await drained();
});

test('an image that another worker holds is left to it, and looked at again when its lease is over', async () => {
  const image = await it.request();
  await claimImage(it.db.db, image.id, 2);
  await it.upload(image, photo('portrait.jpg'));
  await send({ Records: [recordOf(quarantineKey(image.id))] });
  expect(await it.settled(image, 'ready')).toMatchObject({ attempts: 2 });
});
