import { DrizzleQueryError } from 'drizzle-orm';

/** Codes by which the driver and the system say that there is no connection. */
const NO_CONNECTION = new Set([
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * SQLSTATEs of a server that cannot serve anybody at the moment: class 08 (connection), 57P (shutting down,
 * starting up) and 53300 (too many connections).
 */
const NO_SERVICE = /^(08...|57P..|53300)$/;

/**
 * The error below a failed query. The query's own error repeats the SQL with every value in it, which
 * has no place in a log. Any other error is answered as it is.
 */
export const queryCause = (error: unknown): unknown =>
  error instanceof DrizzleQueryError ? error.cause : error;

/** Whether a query failed because the database could not be reached or could not serve: worth another try later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof DrizzleQueryError)) return false;
  const code = (error.cause as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && (NO_CONNECTION.has(code) || NO_SERVICE.test(code));
}
