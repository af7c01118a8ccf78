import type { Logger } from '@s3-image-app/runtime';
import fp from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Requests of the route are logged at debug level only. */
    quiet?: boolean;
  }
}

/**
 * One line a request, at its end. The route's pattern stands in for the address: query strings and ids stay
 * out of the log, and the lines of a route can be counted.
 */
export const requestLog = fp<{ logger: Logger }>(async (app, { logger }) => {
  // Nothing here is a secret, and looking for secrets would cost more than the rest of the line.
  const lines = logger.child({}, { redact: [] });
  app.addHook('onResponse', (request, reply, done) => {
    const level = request.routeOptions.config.quiet ? 'debug' : 'info';
    lines[level](
      {
        traceId: request.id,
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
    done();
  });
});
