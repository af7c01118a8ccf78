import { Problem } from '../problems.ts';
import type { App } from '../types.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * Notes the routes that a scope registers from here on. The answer is to be called after the last of them:
 * it makes every address refuse the other methods with 405, where Fastify alone would answer 404.
 */
export function noteMethods(app: App): () => void {
  const taken = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ routePath, method }) => {
    taken.set(routePath, new Set([...(taken.get(routePath) ?? []), ...[method].flat()]));
  });
  return () => {
    for (const [url, methods] of [...taken]) {
      const allow = [...methods].join(', ');
      app.route({
        url,
        method: METHODS.filter((method) => !methods.has(method)),
        schema: { hide: true },
        handler: async (request) => {
          throw new Problem('method_not_allowed', `${request.method} is not taken here; use ${allow}.`, {
            headers: { allow },
          });
        },
      });
    }
  };
}
