import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../errors.ts';
import { HOST_ID } from '../events/record.ts';
import type { S3Request } from './request.ts';
import { buildXml } from './xml.ts';

/** How long a client may go on sending a body that was refused already. */
const LINGER_MS = 5_000;

/** Answers with S3's error document; a bug of ours is logged and shows nothing of itself. */
export function answerError(
  log: (line: string) => void,
  incoming: IncomingMessage,
  request: S3Request | undefined,
  response: ServerResponse,
  thrown: unknown,
): void {
  // The client has hung up, or has part of an answer that can only be cut short.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const error = thrown instanceof AwsError ? thrown : internalError();
  // A refusal tells its client why; what failed here, or isn't done here, also concerns who runs this.
  if (error.status >= 500) log(`S3 ${incoming.method} ${error.code}: ${reason(thrown)}`);
  discardBody(incoming);
  const body = buildXml(
    'Error',
    {
      Code: error.code,
      Message: error.message,
      ...error.details,
      Resource: request ? `/${request.bucket}${request.key === '' ? '' : `/${request.key}`}` : undefined,
      RequestId: request?.id,
      HostId: HOST_ID,
    },
    '',
  );
  response.writeHead(error.status, {
    'Content-Type': 'application/xml',
    'Content-Length': Buffer.byteLength(body),
    'x-amz-id-2': HOST_ID,
  });
  response.end(incoming.method === 'HEAD' ? undefined : body);
}

const internalError = () =>
  new AwsError(500, 'InternalError', 'We encountered an internal error. Please try again.');

const reason = (thrown: unknown): string =>
  thrown instanceof AwsError ? thrown.message : thrown instanceof Error ? `${thrown.stack}` : String(thrown);

/**
 * Lets the client finish sending for a while: to close a socket with unread bytes resets it, and the client
 * would lose the answer that says why.
 */
function discardBody(incoming: IncomingMessage): void {
  if (incoming.complete) return;
  incoming.resume();
  const timer = setTimeout(() => incoming.destroy(), LINGER_MS);
  incoming.once('close', () => clearTimeout(timer));
}
