import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { TestApi } from './api.ts';

const main = fileURLToPath(new URL('../../worker/src/main.ts', import.meta.url));

/** The worker as a process of its own, on the API's database, bucket and queue. Resolves once it has said something. */
export async function startWorker({
  config,
  storage,
}: Pick<TestApi, 'storage'> & { config: Pick<TestApi['config'], 'DATABASE_URL'> }): Promise<{
  stop: () => Promise<void>;
}> {
  const child = fork(main, {
    silent: true,
    env: {
      NODE_ENV: 'test',
      DATABASE_URL: config.DATABASE_URL,
      AWS_REGION: storage.region,
      AWS_ACCESS_KEY_ID: storage.credentials.worker.accessKeyId,
      AWS_SECRET_ACCESS_KEY: storage.credentials.worker.secretAccessKey,
      S3_BUCKET: storage.bucket,
      S3_ENDPOINT: storage.endpoint,
      S3_FORCE_PATH_STYLE: 'true',
      SQS_QUEUE_URL: storage.queueUrl,
      SQS_ENDPOINT: storage.endpoint,
      WORKER_HEALTH_PORT: '0',
      WORKER_CONCURRENCY: '1',
    },
  });
  child.stderr?.resume();
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  await once(lines, 'line');
  lines.on('line', () => {});
  return {
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
