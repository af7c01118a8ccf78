import { SQSClient } from '@aws-sdk/client-sqs';
import { connectDb } from '@s3-image-app/db';
import { createLogger, createS3Client, type Environment, loadOrExit } from '@s3-image-app/runtime';
import closeWithGrace from 'close-with-grace';
import { buildWorker } from './build-worker.ts';
import { loadConfig } from './config.ts';
import { serveHealth } from './health.ts';

/** Milliseconds for the worker to close before the process ends without it. */
const CLOSE_WITHIN = 9_000;

/** The worker as a process, by its variables alone, until a signal or whoever started it ends it. */
export async function runWorker(env: Environment): Promise<void> {
  const config = loadOrExit(loadConfig, env);
  const log = createLogger({ level: config.LOG_LEVEL, name: 'worker' });
  const db = connectDb(config.DATABASE_URL, { name: 's3-image-app worker' });
  const s3 = createS3Client({
    region: config.AWS_REGION,
    endpoint: config.S3_ENDPOINT,
    forcePathStyle: config.S3_FORCE_PATH_STYLE,
  });
  const sqs = new SQSClient({
    region: config.AWS_REGION,
    ...(config.SQS_ENDPOINT ? { endpoint: config.SQS_ENDPOINT } : {}),
    // Longer than a long poll.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 30_000 },
  });
  const worker = buildWorker({ config, db, s3, sqs, log });
  const health = config.WORKER_HEALTH_PORT
    ? await serveHealth({ host: config.HOST, port: config.WORKER_HEALTH_PORT }, worker.isAlive)
    : undefined;

  // A second signal ends the process at once; so does a close that takes too long.
  const { close } = closeWithGrace({ delay: CLOSE_WITHIN, logger: log }, async ({ err, signal }) => {
    if (err) log.fatal({ err }, 'closing after an error that nothing handled');
    else log.info({ signal }, 'closing');
    await worker.close();
    await health?.close();
    await db.close();
    s3.destroy();
    sqs.destroy();
  });
  // Started with an IPC channel, the worker ends with whoever holds the other end.
  process.once('disconnect', close);

  log.info({ queue: config.SQS_QUEUE_URL, health: health?.port }, 'worker started');
  await worker.run();
}
