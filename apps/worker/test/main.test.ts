import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createTestDatabase, createTestStorage } from '@s3-image-app/testkit';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let storage: Awaited<ReturnType<typeof createTestStorage>>;
beforeAll(async () => {
  [database, storage] = await Promise.all([createTestDatabase(), createTestStorage()]);
});
afterAll(() => Promise.all([database.drop(), storage.remove()]));

/** The worker as it is deployed: a process of its own, with nothing but its variables. */
function start(over: Record<string, string> = {}) {
  const worker = fork(main, {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      DATABASE_URL: database.url,
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
      ...over,
    },
  });
  let output = '';
  for (const stream of [worker.stdout, worker.stderr]) stream?.on('data', (text) => (output += text));
  onTestFinished(() => void worker.kill('SIGKILL'));
  return { worker, output: () => output };
}

const exit = async (worker: ChildProcess): Promise<number | null> => {
  if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
  return worker.exitCode;
};

// Which processes there are, Linux tells by files.
const onLinux = test.runIf(process.platform === 'linux');

/** Image processes of the worker `pid`. */
const imageProcesses = (pid: number | undefined): string[] =>
  readdirSync('/proc').filter((name) => {
    try {
      return readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')[1]?.split(' ')[1] === String(pid);
    } catch {
      return false;
    }
  });

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};

test('without a configuration it says what is missing, all at once, and ends', async () => {
  const { worker, output } = start({ DATABASE_URL: '', S3_BUCKET: '', WEBP_QUALITY: '0' });
  expect(await exit(worker)).toBe(1);
  for (const name of ['DATABASE_URL', 'S3_BUCKET', 'WEBP_QUALITY']) expect(output()).toContain(name);
});

test('it is healthy once it has reached its queue', async () => {
  const port = await freePort();
  start({ WORKER_HEALTH_PORT: String(port) });
  const status = () =>
    fetch(`http://127.0.0.1:${port}/healthz`).then(
      (response) => response.status,
      () => 0,
    );
  await expect.poll(status, { timeout: 10_000 }).toBe(200);
});

test('it is not while the queue is out of reach', async () => {
  const [port, nobody] = [await freePort(), await freePort()];
  const { output } = start({
    WORKER_HEALTH_PORT: String(port),
    SQS_ENDPOINT: `http://127.0.0.1:${nobody}`,
    SQS_QUEUE_URL: `http://127.0.0.1:${nobody}/queue`,
  });
  await expect.poll(output, { timeout: 10_000 }).toContain('SQS call failed');
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(503);
});

onLinux.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)(
  '%s ends it, and no process is left',
  async (how) => {
    const { worker, output } = start();
    await expect.poll(output, { timeout: 10_000 }).toContain('worker started');
    const children = imageProcesses(worker.pid);
    expect(children).toHaveLength(1);
    if (how === 'disconnect') worker.disconnect();
    else worker.kill(how);
    expect(await exit(worker)).toBe(0);
    expect(readdirSync('/proc').filter((pid) => children.includes(pid))).toEqual([]);
  },
);

onLinux('killed without a chance to clean up, it leaves no process either', async () => {
  const { worker, output } = start();
  await expect.poll(output, { timeout: 10_000 }).toContain('worker started');
  const children = imageProcesses(worker.pid);
  worker.kill('SIGKILL');
  await exit(worker);
  await expect
    .poll(() => readdirSync('/proc').filter((pid) => children.includes(pid)), { timeout: 5_000 })
    .toEqual([]);
});
