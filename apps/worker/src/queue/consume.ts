import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { type Backoff, backoffMs } from './backoff.ts';
import type { Breaker } from './breaker.ts';
import { startHeartbeat } from './heartbeat.ts';

export type Delivery = {
  body: string;
  messageId: string;
  /** How often this message has been received, this time included. */
  receiveCount: number;
  /** Aborted when the worker must stop at once: give back what is held. */
  signal: AbortSignal;
};

/** What becomes of a message. */
export type Settlement =
  | { done: true }
  | {
      done: false;
      /** Seconds until it is visible again. */
      afterSeconds: number;
      /** Something that every message needs may be out of reach: ask before the next one is received. */
      suspect: boolean;
    };

export type ConsumerOptions = {
  sqs: SQSClient;
  queueUrl: string;
  /** Messages in work at once. */
  slots: number;
  /** Seconds that a message stays hidden; a heartbeat extends them while it is worked on. */
  visibilitySeconds: number;
  /** Never rejects. */
  handle: (delivery: Delivery) => Promise<Settlement>;
  breaker: Breaker;
  /** Of calls to SQS that fail. */
  backoff: Backoff;
  onError: (error: unknown, doing: string) => void;
};

export type Consumer = {
  /** Milliseconds since the loop last showed life; undefined before it has reached the queue. */
  idleMs(): number | undefined;
  /** Receives and handles messages until stopped; resolves when the last one is settled. */
  run(): Promise<void>;
  /** Receives no more; messages in work go on. */
  stop(): void;
  /** Gives up the messages in work as well. */
  abort(): void;
};

/** SQS hands out ten messages a call at most. */
const MAX_BATCH = 10;
/** Seconds. Long polling asks all of SQS's servers; this is its longest. */
const LONG_POLL = 20;

export function createConsumer(options: ConsumerOptions): Consumer {
  const { sqs, queueUrl: QueueUrl, breaker, onError } = options;
  const stopping = new AbortController();
  const aborting = new AbortController();
  const inWork = new Set<Promise<void>>();
  let lastSign: number | undefined;
  let failures = 0;

  const freeSlots = () => (breaker.state === 'closed' ? options.slots : 1) - inWork.size;

  async function receive(): Promise<Message[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: Math.min(freeSlots(), MAX_BATCH),
        VisibilityTimeout: options.visibilitySeconds,
        // The first call answers at once, so that it is soon known whether the queue can be reached.
        WaitTimeSeconds: lastSign === undefined ? 0 : LONG_POLL,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
      { abortSignal: stopping.signal },
    );
    return Messages;
  }

  async function work(message: Message): Promise<void> {
    const receipt = { QueueUrl, ReceiptHandle: message.ReceiptHandle };
    const hide = async (seconds: number) => {
      const VisibilityTimeout = Math.round(seconds);
      await sqs.send(new ChangeMessageVisibilityCommand({ ...receipt, VisibilityTimeout }));
    };
    const heartbeat = startHeartbeat(
      (options.visibilitySeconds * 1000) / 3,
      () => hide(options.visibilitySeconds),
      (error) => onError(error, 'extending a message'),
    );
    const settlement = await options.handle({
      body: message.Body ?? '',
      messageId: message.MessageId ?? '',
      receiveCount: Number(message.Attributes?.ApproximateReceiveCount ?? 1),
      signal: aborting.signal,
    });
    await heartbeat.stop();
    if (settlement.done) breaker.succeeded();
    else if (settlement.suspect) breaker.failed();
    try {
      if (settlement.done) await sqs.send(new DeleteMessageCommand(receipt));
      else await hide(settlement.afterSeconds);
    } catch (error) {
      // It comes again by itself, and the row tells what is left to do.
      onError(error, 'settling a message');
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      while (freeSlots() < 1) await Promise.race(inWork);
      await breaker.passage(stopping.signal);
      try {
        for (const message of await receive()) {
          const working = work(message).finally(() => inWork.delete(working));
          inWork.add(working);
        }
        lastSign = performance.now();
        failures = 0;
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures += 1;
        onError(error, 'receiving messages');
        await sleep(backoffMs(failures, options.backoff), undefined, { signal: stopping.signal });
      }
    }
  }

  return {
    idleMs: () => (lastSign === undefined ? undefined : performance.now() - lastSign),
    stop: () => stopping.abort(),
    abort: () => {
      stopping.abort();
      aborting.abort();
    },
    async run() {
      try {
        await loop();
      } catch (error) {
        if (!stopping.signal.aborted) throw error;
      }
      await Promise.all(inWork);
    },
  };
}
