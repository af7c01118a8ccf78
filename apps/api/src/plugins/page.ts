import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { App } from '../types.ts';

/** The upload page at `/`, for development: it shows the whole flow and holds nothing that only it may do. */
export async function page(app: App): Promise<void> {
  await app.register(fastifyStatic, {
    root: fileURLToPath(new URL('../../page', import.meta.url)),
    // Each file a route of its own: nothing else under / is touched, and an unknown address stays a problem.
    wildcard: false,
    cacheControl: false,
    setHeaders: (reply) => {
      reply.header('cache-control', 'no-cache');
    },
  });
}
