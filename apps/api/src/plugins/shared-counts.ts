import type { FastifyInstance } from 'fastify';
import { Redis } from 'ioredis';

/** Milliseconds that a request waits for its count. Redis in the same network answers in one or two. */
const PATIENCE = 250;

/** Milliseconds for a connection to come about, and from one that failed to the next. */
const CONNECT_WITHIN = 1_000;
const RECONNECT_AFTER = 1_000;

/** A Redis in which several processes count together. */
export type SharedCounts = {
  redis: Redis;
  /** What `count` counts in that Redis; undefined where it fails. */
  attempt<T>(count: () => Promise<T>): Promise<T | undefined>;
};

/**
 * Connects to the Redis at `url`, for as long as `app` lives. While Redis is down, slow or refuses, attempts fail
 * at once, or after `PATIENCE`, and whoever counts has to count without it.
 *
 * What fails ends the connection, and a second later another is tried: that also leaves a Redis that hangs, or one
 * that a failover has made read-only. An outage is logged once when it begins and once when it is over, and only by
 * its message: ioredis's errors carry the command, with the password where that was AUTH.
 */
export async function connectSharedCounts(app: FastifyInstance, url: string): Promise<SharedCounts> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectionName: 's3-image-app',
    connectTimeout: CONNECT_WITHIN,
    commandTimeout: PATIENCE,
    retryStrategy: () => RECONNECT_AFTER,
    // Nothing waits for a connection, and nothing is sent twice.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
  });
  let down = false;
  const failed = (error: Error & { code?: string }) => {
    if (!down) {
      const reason = error.message || error.code;
      app.log.warn({ reason }, 'Redis does not count requests: each process counts for itself');
    }
    down = true;
  };
  redis.on('error', (error) => {
    failed(error);
    redis.stream?.destroy();
  });
  redis.on('reconnecting', () => failed(new Error('the connection has ended')));
  app.addHook('onClose', async () => redis.disconnect());
  // What stands against it has been told by then.
  await redis.connect().catch(() => {});

  const attempt = async <T>(count: () => Promise<T>): Promise<T | undefined> => {
    // A count from before the outage that succeeds late does not end it.
    const wasDown = down;
    try {
      const counted = await count();
      if (wasDown && down) app.log.info('Redis counts requests again');
      if (wasDown) down = false;
      return counted;
    } catch (error) {
      failed(error as Error);
      // Until there is a connection attempts fail, too, and must not end the one that is coming about.
      if (redis.status === 'ready') redis.stream.destroy();
      return undefined;
    }
  };
  return { redis, attempt };
}
