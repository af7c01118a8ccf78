import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Services } from './s3/call.ts';
import { serveS3 } from './s3/serve.ts';
import { serveSqs } from './sqs/serve.ts';

/** S3 and SQS share the endpoint: SQS's requests name their action in a header, S3's have none. */
export async function serve(
  services: Services,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = request.headers['x-amz-target'];
  if (request.method === 'GET' && request.url === '/healthz') {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"ok"}');
  } else if (typeof target === 'string') {
    await serveSqs(services, target, request, response);
  } else {
    await serveS3(services, request, response);
  }
}
