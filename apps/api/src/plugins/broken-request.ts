import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { PROBLEMS, PROBLEMS_PATH, type ProblemCode } from '../problems.ts';

/** What Node's parser says of bytes that are no request, where it deserves a code of its own. */
const CODES: Record<string, ProblemCode> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** Answers bytes that are no HTTP request, as every other error is answered, and closes the connection. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  // The caller is gone, or has had an answer already.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy();
    return;
  }
  const code = CODES[error.code ?? ''] ?? 'bad_request';
  const { status, title } = PROBLEMS[code];
  const body = JSON.stringify({
    type: `${PROBLEMS_PATH}#${code}`,
    title,
    status,
    detail: 'These bytes are no HTTP request that is taken here.',
    instance: '/',
    code,
    traceId: randomUUID().replaceAll('-', ''),
    success: false,
  });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
