import rateLimit, { type RateLimitPluginOptions } from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.ts';
import { Problem } from '../problems.ts';
import type { SharedCounts } from './shared-counts.ts';

type Limits = {
  config: Pick<Config, 'RATE_LIMIT_PER_MINUTE'>;
  /** Absent: each process counts for itself. */
  sharedCounts: SharedCounts | undefined;
};

type Limit = Pick<RateLimitPluginOptions, 'keyGenerator'> & { of: 'address' | 'caller'; max: number };

/** Callers that an address may stand for: a company's behind one router, say. */
const CALLERS_PER_ADDRESS = 10;

/**
 * Before authentication: so many requests a minute from an address (of IPv6 from a /64), that guessing tokens
 * does not pay. To be followed by `limitCallers` after it.
 */
export const limitAddresses = fp<Limits>(async (app, { config, sharedCounts }) =>
  refuseMore(app, { of: 'address', max: config.RATE_LIMIT_PER_MINUTE * CALLERS_PER_ADDRESS }, sharedCounts),
);

/** After authentication: so many requests a minute of a caller, from wherever. */
export const limitCallers = fp<Limits>(async (app, { config, sharedCounts }) =>
  refuseMore(
    app,
    { of: 'caller', max: config.RATE_LIMIT_PER_MINUTE, keyGenerator: (request) => request.user.sub },
    sharedCounts,
  ),
);

/**
 * Counts by this process always, and in Redis if there is one, whose count is the one that matters: when Redis fails,
 * the limit goes on with what came to this process.
 */
async function refuseMore(
  app: FastifyInstance,
  { of, ...limit }: Limit,
  sharedCounts: SharedCounts | undefined,
): Promise<void> {
  const countHere = await counter(app, limit);
  const countTogether = sharedCounts
    ? await counter(app, { ...limit, redis: sharedCounts.redis, nameSpace: `s3-image-app:requests:${of}:` })
    : undefined;

  app.addHook('onRequest', async (request) => {
    const here = await countHere(request);
    const together = countTogether && (await sharedCounts?.attempt(() => countTogether(request)));
    const count = together ?? here;
    if (count.isAllowed || !count.isExceeded) return;
    throw new Problem('rate_limited', `${limit.max} requests a minute are allowed, and these are more.`, {
      headers: { 'retry-after': String(count.ttlInSeconds) },
    });
  });
}

type Counter = ReturnType<FastifyInstance['createRateLimit']>;

/** The plugin takes one store for all that it counts, so each counter is registered for itself, in a scope of its own. */
async function counter(app: FastifyInstance, options: RateLimitPluginOptions): Promise<Counter> {
  let count: Counter | undefined;
  await app.register(async (scope) => {
    await scope.register(rateLimit, { ...options, timeWindow: '1 minute', global: false });
    count = scope.createRateLimit();
  });
  if (!count) throw new Error('nothing to count with');
  return count;
}
