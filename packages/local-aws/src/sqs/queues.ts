import { join } from 'node:path';
import type { BuildAppOptions } from 'fauxqs';
import { buildApp } from 'fauxqs';

type Stores = NonNullable<BuildAppOptions['stores']>;
type QueueStore = Stores['sqsStore'];
type Persistence = NonNullable<QueueStore['persistence']>;
export type Queue = NonNullable<ReturnType<QueueStore['getQueueByArn']>>;

/** What SQS answers: a status, headers and a JSON text. */
export type SqsAnswer = { status: number; headers: Record<string, string>; body: string };

export type Queues = {
  /** Runs one SQS request of the JSON protocol; `target` is its X-Amz-Target. */
  call(target: string, body: string, gone?: AbortSignal): Promise<SqsAnswer>;
  byArn(arn: string): Queue | undefined;
  byUrl(url: string): Queue | undefined;
  /** Puts a message in a queue, as an AWS service does that its policy allows. */
  deliver(queue: Queue, body: string): void;
  close(): Promise<void>;
};

/**
 * fauxqs exports a server that listens on every interface, unauthenticated, and its persistence only together
 * with it. Its parts are therefore put together here, without a socket: our gate is the only way in.
 */
const part = async <T>(path: string): Promise<T> =>
  (await import(new URL(path, import.meta.resolve('fauxqs')).href)) as T;

/** Opens the queues. With `dataDir` they and their messages outlive the process. */
export async function openQueues(options: { dataDir?: string | undefined; region: string }): Promise<Queues> {
  const { SqsStore } = await part<{
    SqsStore: { new (): QueueStore; createMessage(body: string): Parameters<Queue['enqueue']>[0] };
  }>('./sqs/sqsStore.js');
  const { SnsStore } = await part<{ SnsStore: new () => Stores['snsStore'] }>('./sns/snsStore.js');
  const { S3Store } = await part<{ S3Store: new () => Stores['s3Store'] }>('./s3/s3Store.js');
  const stores: Stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
  const { sqsStore } = stores;
  // Unset, so that queue URLs name the host that the request named.
  sqsStore.host = '';

  let persistence: Persistence | undefined;
  if (options.dataDir) {
    const { PersistenceManager } = await part<{ PersistenceManager: new (dir: string) => Persistence }>(
      './persistence.js',
    );
    persistence = new PersistenceManager(join(options.dataDir, 'sqs'));
    // Called when a message is made visible at once. fauxqs 2.4.1's writes NULL into a NOT NULL column here, and the
    // message is lost. Without it the row keeps its deadline, which only matters to a restart before that.
    persistence.updateMessageReady = () => {};
    persistence.loadSqsAndSns(sqsStore, stores.snsStore);
    sqsStore.persistence = persistence;
    for (const queue of sqsStore.allQueues()) queue.persistence = persistence;
  }

  const app = buildApp({ logger: false, defaultRegion: options.region, stores });
  await app.ready();
  return {
    async call(target, body, gone) {
      const response = await app.inject({
        method: 'POST',
        url: '/',
        headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' },
        payload: body,
      });
      const error = response.headers['x-amzn-query-error'];
      if (gone?.aborted && target.endsWith('.ReceiveMessage')) takeBack(sqsStore, body, response.body);
      return {
        status: response.statusCode,
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          ...(error ? { 'x-amzn-query-error': String(error) } : {}),
        },
        body: response.body,
      };
    },
    byArn: (arn) => sqsStore.getQueueByArn(arn),
    byUrl: (url) => sqsStore.getQueue(url),
    deliver: (queue, body) => queue.enqueue(SqsStore.createMessage(body)),
    async close() {
      await app.close();
      persistence?.close();
    },
  };
}

/** A long poll whose client hung up while it waited: nobody saw the messages, so they were not received. */
function takeBack(store: QueueStore, request: string, answer: string): void {
  const queue = store.getQueue((JSON.parse(request) as { QueueUrl: string }).QueueUrl);
  const { Messages } = JSON.parse(answer) as { Messages?: { ReceiptHandle: string }[] };
  for (const { ReceiptHandle } of Messages ?? []) {
    const entry = queue?.inflightMessages.get(ReceiptHandle);
    if (entry) entry.message.approximateReceiveCount -= 1;
    queue?.changeVisibility(ReceiptHandle, 0);
  }
}
