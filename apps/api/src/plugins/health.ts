import type { DbConnection } from '@s3-image-app/db';
import { Type } from 'typebox';
import { Problem } from '../problems.ts';
import type { App } from '../types.ts';

/** Asked every few seconds: not worth a line each. */
const quiet = { config: { quiet: true } };

const Ok = Type.Object({ status: Type.Literal('ok') });

/**
 * Liveness: the process answers. Readiness: it can do its work, for which it needs the database. S3 is not
 * asked: without it most routes still answer, and a whole fleet must not leave the load balancer with it.
 */
export function health(app: App, { db }: { db: DbConnection }): void {
  app.get('/healthz', { ...quiet, schema: { response: { 200: Ok }, hide: true } }, () => ({
    status: 'ok' as const,
  }));

  app.get('/readyz', { ...quiet, schema: { response: { 200: Ok }, hide: true } }, async () => {
    try {
      await db.ping();
    } catch (cause) {
      throw new Problem('database_unavailable', 'The database does not answer.', {
        headers: { 'retry-after': '5' },
        cause,
      });
    }
    return { status: 'ok' as const };
  });
}
