import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/** What `start` writes into DATA_DIR/ready.json. */
export type Ready = {
  pid: number;
  url: string;
  token: string;
  s3: { endpoint: string; region: string; bucket: string };
};

/** What `start` keeps in DATA_DIR/secrets.json. */
export type Secrets = {
  jwtSecret: string;
  aws: Record<'root' | 'api' | 'worker', { accessKeyId: string; secretAccessKey: string }>;
};

export type Launched = {
  process: ChildProcess;
  /** Resolves with the exit code, or the signal that ended it. */
  ended: Promise<number | string>;
  /** All that it printed so far. */
  output: () => string;
};

export const ANY_PORTS = { PORT: '0', LOCAL_AWS_PORT: '0', LOCAL_PG_PORT: '0' };
const READY_SECONDS = 60;

/** Runs the start command, by default on any free ports. */
export function launch(env: Record<string, string>, args: string[] = []): Launched {
  const command = ['packages/stack/bin/run.mjs', 'packages/stack/src/start.ts', ...args];
  const child = spawn(process.execPath, command, {
    cwd: projectRoot,
    env: { ...withoutOurs(process.env), ...ANY_PORTS, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'close').then(([code, signal]): number | string => code ?? signal);
  return { process: child, ended, output: () => output };
}

/** Vitest sets NODE_ENV, and whoever runs the tests may have set variables that name services. */
function withoutOurs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const {
    NODE_ENV,
    DATABASE_URL,
    S3_BUCKET,
    S3_ENDPOINT,
    SQS_QUEUE_URL,
    JWT_SECRET,
    JWT_JWKS_URL,
    ...others
  } = env;
  return others;
}

/**
 * Resolves once everything runs.
 * @throws {Error} with what it printed, if it ends or takes too long
 */
export async function untilReady(launched: Launched, dataDir: string): Promise<Ready> {
  const end = launched.ended.then((how) => {
    throw new Error(`start ended with ${how}:\n${launched.output()}`);
  });
  end.catch(() => {});
  const deadline = Date.now() + READY_SECONDS * 1000;
  for (;;) {
    const ready = await readReady(dataDir);
    if (ready) return ready;
    if (Date.now() > deadline) throw new Error(`not ready after ${READY_SECONDS} s:\n${launched.output()}`);
    await Promise.race([delay(50), end]);
  }
}

/** What it told programs, or undefined as long as it is not ready. */
export const readReady = (dataDir: string): Promise<Ready | undefined> =>
  readJson(join(dataDir, 'ready.json'));

export async function readSecrets(dataDir: string): Promise<Secrets> {
  const secrets = await readJson<Secrets>(join(dataDir, 'secrets.json'));
  if (!secrets) throw new Error(`${dataDir} holds no secrets.json`);
  return secrets;
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Asks it to stop, as Ctrl-C does; resolves with the exit code. */
export async function stop({ process: child, ended }: Launched): Promise<number | string> {
  child.kill('SIGINT');
  return ended;
}

/** A folder for one service's data. Everybody may enter, as PostgreSQL does not run as root. */
export async function temporaryDataDir(): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 's3-image-app-e2e-'));
  await chmod(folder, 0o711);
  return { path: join(folder, 'data'), remove: () => rm(folder, { recursive: true, force: true }) };
}
