import { randomBytes } from 'node:crypto';
import { GenericContainer, Network, type StartedNetwork, Wait } from 'testcontainers';
import type { TestProject } from 'vitest/node';
import type { Service } from '../service.ts';
import { docker } from './compose.ts';
import { freePorts } from './free-port.ts';
import { HardenedContainer } from './hardened-container.ts';

const REGION = 'us-east-1';
const BUCKET = 'images-under-test';
const QUEUE = `${BUCKET}-originals`;
/** Inside the network. */
const AWS = 'http://local-aws:4566';

const secret = () => randomBytes(24).toString('base64url');
const keysOf = (name: string) => ({ accessKeyId: `TEST${name.toUpperCase()}`, secretAccessKey: secret() });
const asVariables = ({ accessKeyId, secretAccessKey }: ReturnType<typeof keysOf>) => ({
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
});

/** Builds our images and starts them, with a PostgreSQL, on a network of their own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // We remove what we start ourselves; the helper that does it for killed runs would want the Docker socket.
  process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true';
  await docker(['compose', 'build', '--quiet']);
  await reportSizes();
  const running: { stop(): Promise<unknown> }[] = [];
  const stop = async () => {
    for (const it of running.reverse()) await it.stop();
  };
  try {
    const network = await new Network().start();
    running.push(network);
    const start = async (container: GenericContainer) => running.push(await container.start());
    project.provide('service', await startService(network, start));
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Megabytes of each image, and how many of them are not its base's. */
async function reportSizes(): Promise<void> {
  const megabytes = async (image: string) =>
    Number(await docker(['image', 'inspect', '--format={{.Size}}', image])) / 1e6;
  const base = await megabytes('node:24-slim');
  for (const name of ['api', 'worker', 'local-aws']) {
    const size = await megabytes(`s3-image-app/${name}`);
    console.log(`${name}: ${size.toFixed()} MB, ${(size - base).toFixed()} MB over node:24-slim`);
  }
}

async function startService(
  network: StartedNetwork,
  start: (container: GenericContainer) => Promise<unknown>,
): Promise<Service> {
  const [port = 0, awsPort = 0] = await freePorts(2);
  const url = `http://localhost:${port}`;
  const endpoint = `http://localhost:${awsPort}`;
  const jwtSecret = secret();
  const databasePassword = secret();
  const keys = { root: keysOf('root'), api: keysOf('api'), worker: keysOf('worker') };
  const ours = (image: string) => new HardenedContainer(`s3-image-app/${image}`, network);
  const once = (environment: Record<string, string>, ...command: string[]) =>
    ours('api')
      .withEnvironment(environment)
      .withCommand(['node', ...command])
      .withWaitStrategy(Wait.forOneShotStartup());

  const database = new GenericContainer('postgres:17')
    .withNetwork(network)
    .withNetworkAliases('postgres')
    .withEnvironment({ POSTGRES_USER: 'images', POSTGRES_DB: 'images', POSTGRES_PASSWORD: databasePassword })
    .withTmpFs({ '/var/lib/postgresql/data': 'rw' })
    // The first is of the server that only makes the data folder.
    .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2));
  const store = ours('local-aws')
    .withNetworkAliases('local-aws')
    .withEnvironment({
      AWS_REGION: REGION,
      LOCAL_AWS_USERS: JSON.stringify([
        { name: 'root', ...keys.root },
        { name: 'api', ...keys.api, role: 'api' },
        { name: 'worker', ...keys.worker, role: 'worker' },
      ]),
    })
    .withTmpFs({ '/tmp': 'rw', '/data': 'rw,mode=1777' })
    .withExposedPorts({ container: 4566, host: awsPort })
    .withWaitStrategy(Wait.forHealthCheck());
  await Promise.all([start(database), start(store)]);

  const DATABASE_URL = `postgres://images:${databasePassword}@postgres:5432/images`;
  const where = [`--endpoint=${AWS}`, `--bucket=${BUCKET}`, `--queue=${QUEUE}`, `--domain=${url}`];
  await Promise.all([
    start(once({ DATABASE_URL }, 'packages/db/src/cli.ts')),
    start(once(asVariables(keys.root), 'infra/src/setup/cli.ts', ...where)),
  ]);

  const common = { DATABASE_URL, S3_BUCKET: BUCKET, S3_ENDPOINT: AWS, S3_FORCE_PATH_STYLE: 'true' };
  const api = ours('api')
    .withEnvironment({
      ...common,
      ...asVariables(keys.api),
      // In production the page, which is part of the suite, is not served.
      NODE_ENV: 'development',
      JWT_SECRET: jwtSecret,
      S3_PUBLIC_ENDPOINT: endpoint,
      ALLOWED_ORIGINS: url,
    })
    .withExposedPorts({ container: 3000, host: port })
    .withWaitStrategy(Wait.forHealthCheck());
  const worker = ours('worker')
    .withEnvironment({
      ...common,
      ...asVariables(keys.worker),
      WORKER_CONCURRENCY: '2',
      SQS_ENDPOINT: AWS,
      SQS_QUEUE_URL: `${AWS}/000000000000/${QUEUE}`,
    })
    .withWaitStrategy(Wait.forHealthCheck());
  await Promise.all([start(api), start(worker)]);
  return { url, jwtSecret, s3: { endpoint, region: REGION, bucket: BUCKET, keys: keys.root } };
}
