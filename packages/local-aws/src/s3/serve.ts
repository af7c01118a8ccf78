import type { IncomingMessage, ServerResponse } from 'node:http';
import { authenticate } from '../auth/authenticate.ts';
import { canonicalS3Path } from '../auth/sigv4.ts';
import { answerPreflight, applyCors } from '../bucket/cors.ts';
import { postObject } from '../post-policy/post-object.ts';
import { answerError } from './answer-error.ts';
import { S3Call, type Services } from './call.ts';
import { findOperation } from './operations.ts';
import { parseRequest, plainHeaders, type S3Request } from './request.ts';
import { refuseUnsupported } from './unsupported.ts';

/** Serves one S3 request: who makes it, whether they may, then the operation. */
export async function serveS3(
  services: Services,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let request: S3Request | undefined;
  try {
    request = parseRequest(incoming);
    response.setHeader('x-amz-request-id', request.id);
    await serve(services, request, response);
  } catch (error) {
    answerError(services.log, incoming, request, response, error);
  }
}

async function serve(services: Services, request: S3Request, response: ServerResponse): Promise<void> {
  if (request.method === 'OPTIONS')
    return answerPreflight(services.store.bucket(request.bucket), request, response);
  const bucket = services.store.find(request.bucket);
  if (bucket) applyCors(bucket, request, response);
  if (isForm(request)) return postObject(services, request, response);

  const operation = findOperation(request);
  const { method, path, query, incoming } = request;
  const authentication = authenticate(
    { method, path: canonicalS3Path(path), query, headers: plainHeaders(incoming) },
    { service: 's3', ...services },
  );
  const call = new S3Call(services, request, response, authentication);
  refuseUnsupported(call.headers);
  // Whether a bucket exists is no secret on S3, who may do what with it is.
  if (request.bucket !== '' && !operation.creates) services.store.bucket(request.bucket);
  if (operation.action) call.require(operation.action);
  await operation.run(call);
}

/** A POST to a bucket is a form, unless a query makes it another operation. */
const isForm = ({ method, bucket, key, query }: S3Request): boolean =>
  method === 'POST' && bucket !== '' && key === '' && !query.has('delete');
