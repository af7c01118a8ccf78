import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Access, indexUsers, type LocalUser } from './auth/users.ts';
import { applyLifecycle } from './bucket/lifecycle.ts';
import type { Services } from './s3/call.ts';
import { serve } from './serve.ts';
import { openQueues, type Queues } from './sqs/queues.ts';
import { Store } from './store/store.ts';

export type LocalAwsOptions = {
  /** 127.0.0.1 when absent. */
  host?: string;
  /** 0, any free one, when absent. */
  port?: number;
  /** Where buckets, objects, queues and messages are kept. Absent: gone when stopped. */
  dataDir?: string;
  /** us-east-1 when absent. */
  region?: string;
  users: LocalUser[];
  /** Receives a line for each request that fails here or asks for what is not implemented; not for refusals. */
  log?: (line: string) => void;
  /** Is told of each permission that a request has asked for. */
  onAccess?: (access: Access) => void;
};

export type LocalAws = {
  /** S3 (path style) and SQS alike, e.g. http://127.0.0.1:4566 */
  endpoint: string;
  port: number;
  stop(): Promise<void>;
};

/** How often lifecycle rules are applied. They count days, and S3 itself takes its time. */
const LIFECYCLE_INTERVAL_MS = 60 * 60 * 1000;

/**
 * Starts S3 and SQS on one endpoint.
 * @throws {Error} for a port that is taken, or a user whose policy isn't evaluated here
 */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { host = '127.0.0.1', port = 0, dataDir, region = 'us-east-1', log = () => {} } = options;
  const { onAccess = () => {} } = options;
  const users = indexUsers(options.users);
  const ready = Promise.withResolvers<Services>();
  const server = createServer((request, response) => {
    ready.promise
      .then((services) => serve(services, request, response))
      .catch((error: unknown) => {
        log(`${request.method} failed: ${error instanceof Error ? error.stack : String(error)}`);
        response.destroy();
      });
  });
  // A large upload on a slow line takes as long as it takes.
  server.requestTimeout = 0;
  // Before the folder is touched: where another process serves it, the port is usually taken.
  await listen(server, port, host);

  let store: Store;
  let queues: Queues;
  try {
    store = await Store.open(dataDir === undefined ? undefined : join(dataDir, 's3'));
    queues = await openQueues({ region, dataDir });
  } catch (error) {
    server.close();
    server.closeAllConnections();
    throw error;
  }
  ready.resolve({ store, queues, users, region, log, onAccess });
  applyLifecycle(store, new Date());
  const timer = setInterval(() => applyLifecycle(store, new Date()), LIFECYCLE_INTERVAL_MS);

  const stop = async () => {
    clearInterval(timer);
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await queues.close();
    await store.close();
  };
  let stopped: Promise<void> | undefined;
  const address = server.address() as AddressInfo;
  return {
    endpoint: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
