import { randomFillSync } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** W3C Trace Context: version, trace id, parent id, flags. */
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/** Bytes of an id. */
const LENGTH = 16;

/** Random bytes for many ids at a time. */
const pool = Buffer.alloc(256 * LENGTH);
let used = pool.length;

/**
 * The id under which a request is logged and that its error answers carry: the caller's trace id, if it
 * sends one in `traceparent`, so that its logs and ours meet; else a fresh one of the same form.
 */
export function traceId({ headers: { traceparent } }: IncomingMessage): string {
  return (typeof traceparent === 'string' && TRACEPARENT.exec(traceparent)?.[1]) || fresh();
}

function fresh(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += LENGTH;
  return pool.toString('hex', used - LENGTH, used);
}
