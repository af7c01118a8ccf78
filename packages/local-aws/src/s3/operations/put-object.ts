import { reportWrite } from '../../events/send.ts';
import { receive } from '../../payload/receive.ts';
import type { S3Call } from '../call.ts';
import { writePrecondition } from '../conditions.ts';
import { keptHeaders, quoted } from '../object-headers.ts';

export async function putObject(call: S3Call): Promise<void> {
  const { request, response, services, headers, bucket } = call;
  const { key } = request;
  // S3 asks for both, since the answer tells something of the object that is there.
  if ('if-match' in headers) call.require('s3:GetObject');
  const precondition = writePrecondition(headers, key);
  const kept = keptHeaders(headers);
  // Before the bytes come in, to spare them, and again when they are put.
  precondition(bucket.objects.get(key));
  const object = { key, headers: kept, ...(await receive(services.store, call.body())) };
  services.store.putObject(bucket, object, precondition);
  reportWrite(services.queues, bucket, 'ObjectCreated:Put', object, call.source);
  response.writeHead(200, { ETag: quoted(object.etag), ...object.checksums }).end();
}
