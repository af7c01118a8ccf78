import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import type { Bench } from './bench.ts';

/** Seconds of one long poll: short, so that we look often whether a worker came first. */
const POLL_SECONDS = 2;
/** SQS's own limit of one receive. */
const MAX_MESSAGES = 10;

/** The queue as the worker's role sees it. */
export type Mailbox = {
  /** Originals whose event came to us. */
  readonly seen: ReadonlySet<string>;
  /** One long poll. Events of our originals are deleted; all others are kept aside until `release`. */
  receive: () => Promise<void>;
  /** Gives the others' messages back. */
  release: () => Promise<void>;
};

/**
 * A message that we received and gave back at once would come to us again, and each receive brings it nearer
 * to the dead-letter queue. So what is not ours is hidden until we are done, and counts as received once.
 */
export function openMailbox(bench: Bench, queueUrl: string): Mailbox {
  const { sqs } = bench.worker;
  const seen = new Set<string>();
  const aside: Message[] = [];
  return {
    seen,
    receive: async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: MAX_MESSAGES,
          WaitTimeSeconds: POLL_SECONDS,
          VisibilityTimeout: Math.ceil(bench.timeoutMs / 1000) + POLL_SECONDS,
        }),
      );
      for (const message of Messages) {
        const key = [...bench.originals].find((original) => isAbout(message, original));
        if (!key) {
          aside.push(message);
          continue;
        }
        seen.add(key);
        await sqs.send(
          new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }),
        );
      }
    },
    release: async () => {
      const given = aside
        .splice(0)
        .map(({ ReceiptHandle }) =>
          sqs.send(
            new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
          ),
        );
      await Promise.all(given);
    },
  };
}

/** However the event is wrapped and its key is escaped, the id in the key stands in it as it is. */
const isAbout = ({ Body }: Message, key: string): boolean =>
  Body?.includes(key.slice(key.lastIndexOf('/') + 1)) ?? false;
