import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** W3C Trace Context: version, trace id, parent id, flags. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/**
 * The id under which a request is logged and that its error answers carry: the caller's trace id, if it
 * sends one in `traceparent`, so that its logs and ours meet; else a fresh one of the same form.
 */
export const traceId = (request: IncomingMessage): string => {
  const [, given] = TRACEPARENT.exec(String(request.headers.traceparent ?? '')) ?? [];
  return given ?? randomUUID().replaceAll('-', '');
};
