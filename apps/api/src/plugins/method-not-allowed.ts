import { METHODS } from 'node:http';
import type { FastifyRequest, HTTPMethods } from 'fastify';
import { Problem } from '../problems.ts';
import type { App } from '../types.ts';

/** Every method but OPTIONS, which CORS answers, and CONNECT, which asks for a tunnel and reaches no route. */
const METHODS_HERE = METHODS.filter((method) => method !== 'OPTIONS' && method !== 'CONNECT');

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
    for (const method of METHODS_HERE) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method);
    for (const [url, methods] of [...taken]) {
      const allow = [...methods].join(', ');
      const refuse = async (request: FastifyRequest) => {
        throw new Problem('method_not_allowed', `${request.method} is not taken here; use ${allow}.`, {
          headers: { allow },
        });
      };
      const method = METHODS_HERE.filter((other) => !methods.has(other)) as HTTPMethods[];
      // As soon as the caller is known: whatever is wrong with the body, too, is no matter.
      app.route({ url, method, schema: { hide: true }, onRequest: refuse, handler: refuse });
    }
  };
}
