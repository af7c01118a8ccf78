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
export const requestLog = fp(async (app) => {
  app.addHook('onResponse', async (request, reply) => {
    const level = request.routeOptions.config.quiet ? 'debug' : 'info';
    request.log[level](
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        durationMs: Math.round(reply.elapsedTime * 10) / 10,
      },
      'request',
    );
  });
});
