import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './ports.ts';
import { ensureCluster } from './postgres-cluster.ts';
import { clearLeftOver } from './postgres-left-over.ts';
import { placePostgres } from './postgres-place.ts';
import { type Guarded, spawnGuarded } from './spawn-guarded.ts';

export type EmbeddedPostgres = {
  /** `postgres://…/postgres`, as the superuser. */
  url: string;
  port: number;
  /** Where the data really lies: `dataDir`, or outside it if PostgreSQL's user cannot enter that. */
  dataDir: string;
  /** Resolves with how the server ended, asked or not. */
  ended: Promise<string>;
  /** Closes every session and resolves once the server is gone. */
  stop: () => Promise<void>;
};

export type EmbeddedPostgresOptions = {
  /** Made at the first start, used again at the next. */
  dataDir: string;
  /** 0 or absent: one that is free. */
  port?: number;
  /** The superuser's, fixed by the first start of a `dataDir`. */
  password?: string;
  /** The server's log, appended to. Default: `<dataDir>.log`. */
  logFile?: string;
  /** false: a crash of the machine may lose what was written. For tests, whose data nobody keeps. */
  durable?: boolean;
};

const START_SECONDS = 60;

/**
 * Starts a real PostgreSQL on 127.0.0.1. It ends when this process does, however that ends.
 * @throws {Error} with the end of the server's log if it does not start
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { password = 'postgres', durable = true } = options;
  const { binaries, dataDir, user } = await placePostgres(resolve(options.dataDir));
  await clearLeftOver(dataDir);
  await ensureCluster({ initdb: binaries.initdb, dataDir, password, user });

  const port = options.port || (await freePort());
  const logFile = options.logFile ?? `${options.dataDir}.log`;
  const log = await openLog(logFile);
  const server = spawnGuarded(binaries.postgres, serverArguments({ dataDir, port, durable }), {
    // A "fast shutdown": sessions are closed, then the server writes what it must and ends.
    stopSignal: 'SIGINT',
    user,
    log: log.fd,
  });
  await log.close();
  try {
    await untilReady(dataDir, server);
  } catch (error) {
    await server.stop();
    const lines = (await readFile(logFile, 'utf8')).slice(log.start).trimEnd();
    throw new Error(`PostgreSQL did not start: ${(error as Error).message}\n${lines}`);
  }
  return {
    url: `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    port,
    dataDir,
    ended: server.ended,
    stop: server.stop,
  };
}

async function openLog(file: string) {
  await mkdir(dirname(file), { recursive: true });
  const start = (await stat(file).catch(() => undefined))?.size ?? 0;
  const handle = await open(file, 'a');
  return { fd: handle.fd, start, close: () => handle.close() };
}

const serverArguments = (options: { dataDir: string; port: number; durable: boolean }): string[] => {
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${options.port}`,
    // A socket in /tmp would be open to every user of the machine.
    'unix_socket_directories=',
    'max_connections=200',
    ...(options.durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
  return ['-D', options.dataDir, ...settings.flatMap((setting) => ['-c', setting])];
};

/** The server tells its state in the eighth line of postmaster.pid, which `pg_ctl start` waits for, too. */
async function untilReady(dataDir: string, server: Guarded): Promise<void> {
  let over = false;
  void server.ended.then(() => {
    over = true;
  });
  const deadline = Date.now() + START_SECONDS * 1000;
  for (;;) {
    const pidFile = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
    if (pidFile.split('\n')[7]?.trim() === 'ready') return;
    if (over) throw new Error('it ended at once');
    if (Date.now() > deadline) throw new Error(`not ready after ${START_SECONDS} s`);
    await delay(20);
  }
}
