import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Deployed, UsageError } from './arguments.ts';

type Keys = { accessKeyId: string; secretAccessKey: string };

/** The parts of what `pnpm start` writes into DATA_DIR that we look at. */
type Ready = {
  url: string;
  token?: string;
  s3?: { endpoint: string; region: string; bucket: string; origins: string[] };
};
type Secrets = { aws: Record<'root' | 'api' | 'worker', Keys> };

/**
 * The embedded stack that keeps its data in `dataDir`.
 * @throws {UsageError} where none is running, or its bucket is not an embedded one
 */
export async function localDeployment(dataDir: string): Promise<Deployed> {
  const ready = await readJson<Ready>(join(dataDir, 'ready.json'));
  const secrets = await readJson<Secrets>(join(dataDir, 'secrets.json'));
  if (!ready || !secrets) {
    throw new UsageError(
      `--local: nothing runs with its data in ${dataDir}. Start it with "npx -y pnpm start", or set DATA_DIR to its folder.`,
    );
  }
  if (!ready.s3) {
    throw new UsageError('--local: what runs here has its bucket elsewhere. Name that one with --bucket.');
  }
  const { endpoint, region, bucket, origins } = ready.s3;
  return {
    bucket,
    origins,
    region,
    queue: 'default',
    serving: { mode: 'referer' },
    endpoint,
    sqsEndpoint: endpoint,
    service: ready.token ? { url: ready.url, token: ready.token } : undefined,
    operator: { credentials: secrets.aws.root },
    api: { credentials: secrets.aws.api },
    worker: { credentials: secrets.aws.worker },
  };
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
