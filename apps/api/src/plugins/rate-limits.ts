import rateLimit, { type CreateRateLimitOptions } from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.ts';
import { Problem } from '../problems.ts';

type Limits = { config: Pick<Config, 'RATE_LIMIT_PER_MINUTE'> };

/** Callers that an address may stand for: a company's behind one router, say. */
const CALLERS_PER_ADDRESS = 10;

/**
 * Before authentication: so many requests a minute from an address (of IPv6 from a /64), that guessing tokens
 * does not pay. To be followed by `limitCallers` after it. Each process counts for itself.
 */
export const limitAddresses = fp<Limits>(async (app, { config }) => {
  await app.register(rateLimit, { global: false });
  refuseMore(app, { max: config.RATE_LIMIT_PER_MINUTE * CALLERS_PER_ADDRESS });
});

/** After authentication: so many requests a minute of a caller, from wherever. */
export const limitCallers = fp<Limits>(async (app, { config }) =>
  refuseMore(app, { max: config.RATE_LIMIT_PER_MINUTE, keyGenerator: (request) => request.user.sub }),
);

function refuseMore(app: FastifyInstance, options: CreateRateLimitOptions & { max: number }): void {
  const count = app.createRateLimit({ ...options, timeWindow: '1 minute' });
  app.addHook('onRequest', async (request) => {
    const counted = await count(request);
    if (counted.isAllowed || !counted.isExceeded) return;
    throw new Problem('rate_limited', `${options.max} requests a minute are allowed, and these are more.`, {
      headers: { 'retry-after': String(counted.ttlInSeconds) },
    });
  });
}
