import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { traceId } from './trace-id.ts';

const request = (headers: object) => ({ headers }) as IncomingMessage;

test("a request is known by its caller's trace id", () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  expect(traceId(request({ traceparent }))).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
});

test.each([undefined, '', 'x', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, '00-../../etc-1-1'])(
  'with %j for a trace it gets an id of its own',
  (traceparent) => {
    const id = traceId(request({ traceparent }));
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(traceId(request({ traceparent }))).not.toBe(id);
  },
);
