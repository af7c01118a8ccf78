import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { createTestStorage, type TestStorage } from '@s3-image-app/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBreaker } from '../src/queue/breaker.ts';
import {
  type Consumer,
  type ConsumerOptions,
  createConsumer,
  type Delivery,
  type Settlement,
} from '../src/queue/consume.ts';

let storage: TestStorage;
let consumer: Consumer | undefined;
let running: Promise<void> | undefined;
beforeEach(async () => {
  storage = await createTestStorage();
});
afterEach(async () => {
  consumer?.abort();
  await running;
  await storage.remove();
});

function consume(handle: ConsumerOptions['handle'], over: Partial<ConsumerOptions> = {}) {
  const errors: string[] = [];
  const backoff = { firstMs: 10, maxMs: 100 };
  consumer = createConsumer({
    sqs: storage.sqs,
    queueUrl: storage.queueUrl,
    slots: 3,
    visibilitySeconds: 30,
    handle,
    breaker: createBreaker({ probe: async () => {}, onOutage: () => {}, backoff }),
    backoff,
    onError: (error, doing) => errors.push(`${doing}: ${error}`),
    ...over,
  });
  running = consumer.run();
  return { consumer, running, errors };
}

const send = (...bodies: string[]) =>
  Promise.all(
    bodies.map((MessageBody) =>
      storage.sqs.send(new SendMessageCommand({ QueueUrl: storage.queueUrl, MessageBody })),
    ),
  );

async function counts() {
  const { Attributes = {} } = await storage.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: storage.queueUrl, AttributeNames: ['All'] }),
  );
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages),
    hidden: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
  };
}

/** A handler whose deliveries wait to be let go, at the latest by the end of the test. */
function gate() {
  const waiting: { delivery: Delivery; letGo: (settlement: Settlement) => void }[] = [];
  const handle: ConsumerOptions['handle'] = (delivery) =>
    new Promise((letGo) => {
      waiting.push({ delivery, letGo });
      delivery.signal.addEventListener('abort', () => letGo({ done: true }));
    });
  return { waiting, handle };
}

test('a message that is done is gone, one that is not comes again with its count', async () => {
  const seen: [string, number][] = [];
  consume(async ({ body, receiveCount }) => {
    seen.push([body, receiveCount]);
    return body === 'good' || receiveCount === 3
      ? { done: true }
      : { done: false, afterSeconds: 0, suspect: false };
  });
  await send('good', 'bad');
  await expect.poll(() => seen.length).toBe(4);
  expect(seen.filter(([body]) => body === 'bad')).toEqual([
    ['bad', 1],
    ['bad', 2],
    ['bad', 3],
  ]);
  await expect.poll(counts).toEqual({ visible: 0, hidden: 0 });
});

test('no more messages are taken than there are slots', async () => {
  const { waiting, handle } = gate();
  consume(handle);
  await send('1', '2', '3', '4', '5');
  await expect.poll(() => waiting.length).toBe(3);
  expect(await counts()).toEqual({ visible: 2, hidden: 3 });
  waiting[0]?.letGo({ done: true });
  await expect.poll(() => waiting.length).toBe(4);
  expect(await counts()).toEqual({ visible: 1, hidden: 3 });
});

test('a message stays hidden for as long as it is worked on', async () => {
  const { waiting, handle } = gate();
  const { errors } = consume(handle, { visibilitySeconds: 1 });
  await send('long', 'other');
  await expect.poll(() => waiting.length).toBe(2);
  const [long] = waiting.filter(({ delivery }) => delivery.body === 'long');
  const other = waiting.find((one) => one !== long);
  // By the time that another has come back twice by its count, this one would have come back by its lease.
  for (let round = 2; round <= 4; round++) {
    waiting.at(-1)?.letGo({ done: false, afterSeconds: 1, suspect: false });
    if (round === 2) other?.letGo({ done: false, afterSeconds: 1, suspect: false });
    await expect.poll(() => waiting.length, { timeout: 5_000 }).toBe(round + 1);
  }
  expect(waiting.filter(({ delivery }) => delivery.body === 'long')).toHaveLength(1);
  expect(errors).toEqual([]);
});

test('a stopped consumer ends its long poll, waits for what is in work, and takes no more', async () => {
  const { waiting, handle } = gate();
  const { consumer, running } = consume(handle);
  await send('in work');
  await expect.poll(() => waiting.length).toBe(1);
  consumer.stop();
  await send('too late');
  let ended = false;
  void running.then(() => {
    ended = true;
  });
  expect(ended).toBe(false);
  waiting[0]?.letGo({ done: true });
  await running;
  expect(waiting).toHaveLength(1);
  // The queue may not have heard yet that nobody listens, and have handed it to the poll that was ended.
  const { visible, hidden } = await counts();
  expect(visible + hidden).toBe(1);
});

test('an aborted one asks for what is in work to be given back', async () => {
  const { consumer, running } = consume(
    ({ signal }) =>
      new Promise((letGo) =>
        signal.addEventListener('abort', () => letGo({ done: false, afterSeconds: 0, suspect: false })),
      ),
    // With its only slot taken no poll is open, which the queue could hand the message to that is given back.
    { slots: 1 },
  );
  await send('in work');
  await expect.poll(counts).toEqual({ visible: 0, hidden: 1 });
  consumer.abort();
  await running;
  expect(await counts()).toEqual({ visible: 1, hidden: 0 });
});

test('after a failure that may be an outage it takes one message at a time, until one succeeds', async () => {
  const { waiting, handle } = gate();
  consume(handle);
  await send('1');
  await expect.poll(() => waiting.length).toBe(1);
  waiting[0]?.letGo({ done: false, afterSeconds: 30, suspect: true });
  await send('2', '3', '4');
  await expect.poll(() => waiting.length).toBe(2);
  expect(await counts()).toMatchObject({ visible: 2 });
  waiting[1]?.letGo({ done: true });
  await expect.poll(() => waiting.length).toBe(4);
});

test('a queue that is out of reach is tried again, and tells no life', async () => {
  const { consumer, errors } = consume(async () => ({ done: true }), {
    queueUrl: `${storage.queueUrl}-absent`,
  });
  await expect.poll(() => errors.length).toBeGreaterThan(2);
  expect(errors[0]).toContain('receiving messages');
  expect(consumer.idleMs()).toBeUndefined();
});

test('one that has reached its queue tells life', async () => {
  const { consumer } = consume(async () => ({ done: true }));
  await expect.poll(() => consumer.idleMs()).toBeLessThan(5_000);
});
