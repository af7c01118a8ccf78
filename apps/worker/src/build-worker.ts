import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { type DbConnection, queryCause } from '@s3-image-app/db';
import { PREFIXES } from '@s3-image-app/infra';
import type { Logger } from '@s3-image-app/runtime';
import type { Config } from './config.ts';
import { createPipeline } from './create-pipeline.ts';
import { handleMessage } from './handle-message.ts';
import { createBreaker } from './queue/breaker.ts';
import { createConsumer } from './queue/consume.ts';
import { keepSweeping } from './sweep/keep-sweeping.ts';
import { AGES, type Ages } from './sweep/sweep.ts';

export type WorkerDeps = {
  config: Config;
  db: DbConnection;
  s3: S3Client;
  sqs: SQSClient;
  log: Logger;
  ages?: Ages;
};

export type Worker = {
  /** Whether the queue has been reached and the loop still turns. */
  isAlive(): boolean;
  /** Process ids of the image processes. */
  imageProcesses(): number[];
  /** Consumes and sweeps until closed. */
  run(): Promise<void>;
  /** Receives no more, lets running images end for a few seconds, gives the rest back. */
  close(): Promise<void>;
};

/** Messages in work per image process: while one image is encoded the next is fetched. */
const SLOTS_PER_PROCESS = 2;
/** Waits while S3, SQS or the database is out of reach. */
const OUTAGE = { firstMs: 1_000, maxMs: 60_000 };
/** Milliseconds that running images get to end before they are given back. */
const DRAIN_MS = 6_000;

export function buildWorker({ config, db, s3, sqs, log, ages = AGES }: WorkerDeps): Worker {
  const pipeline = createPipeline({ config, db: db.db, s3, log });
  const { leaseSeconds } = pipeline;
  const breaker = createBreaker({
    probe: async () => {
      await db.ping();
      await s3.send(
        new ListObjectsV2Command({ Bucket: config.S3_BUCKET, Prefix: PREFIXES.quarantine, MaxKeys: 1 }),
      );
    },
    onOutage: (error) => log.warn({ err: queryCause(error) }, 'out of reach: receiving no messages for now'),
    backoff: OUTAGE,
  });
  const consumer = createConsumer({
    sqs,
    queueUrl: config.SQS_QUEUE_URL,
    slots: config.WORKER_CONCURRENCY * SLOTS_PER_PROCESS,
    visibilitySeconds: leaseSeconds,
    handle: (delivery) => handleMessage(pipeline, delivery),
    breaker,
    backoff: OUTAGE,
    onError: (error, doing) => log.warn({ err: error, doing }, 'SQS call failed'),
  });
  const sweeping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();

  return {
    isAlive: () => (consumer.idleMs() ?? Number.POSITIVE_INFINITY) < maxIdleMs(leaseSeconds),
    imageProcesses: pipeline.images.pids,
    async run() {
      const sweeper = { ...pipeline, ages, concurrency: config.WORKER_CONCURRENCY, signal: sweeping.signal };
      running = Promise.all([consumer.run(), keepSweeping(sweeper, config.SWEEP_INTERVAL_SECONDS)]);
      await running;
    },
    async close() {
      consumer.stop();
      sweeping.abort();
      const drained = running.catch(() => {});
      await Promise.race([drained, sleep(DRAIN_MS, undefined, { ref: false })]);
      consumer.abort();
      await drained;
      await pipeline.images.close();
    },
  };
}

/** A loop whose slots are all taken turns again when the first message is through, which a lease covers. */
const maxIdleMs = (leaseSeconds: number): number => OUTAGE.maxMs + leaseSeconds * 1000;
