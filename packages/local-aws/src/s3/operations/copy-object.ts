import { AwsError, invalidArgument, invalidRequest, notImplemented } from '../../errors.ts';
import { reportWrite } from '../../events/send.ts';
import type { StoredObject } from '../../store/types.ts';
import type { S3Call } from '../call.ts';
import { checkCopySource, writePrecondition } from '../conditions.ts';
import { keptHeaders, quoted } from '../object-headers.ts';

export async function copyObject(call: S3Call): Promise<void> {
  const { request, services, headers, bucket } = call;
  const { store } = services;
  const from = parseSource(headers['x-amz-copy-source'] ?? '');
  call.require('s3:GetObject', from);
  const source = call.object(store.bucket(from.bucket), from.key);
  checkCopySource(headers, source);

  const directive = headers['x-amz-metadata-directive'] ?? 'COPY';
  if (directive !== 'COPY' && directive !== 'REPLACE') {
    throw invalidArgument('Unknown metadata directive.', 'x-amz-metadata-directive', directive);
  }
  if (directive === 'COPY' && from.bucket === bucket.name && from.key === request.key) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const object: StoredObject = {
    ...source,
    key: request.key,
    headers: directive === 'COPY' ? source.headers : keptHeaders(headers),
    lastModified: new Date().toISOString(),
    blob: store.duplicate(source),
  };
  store.putObject(bucket, object, writePrecondition(headers, request.key));
  reportWrite(services.queues, bucket, 'ObjectCreated:Copy', object, call.source);
  call.answer('CopyObjectResult', { ETag: quoted(object.etag), LastModified: object.lastModified });
}

/** `[/]BUCKET/KEY`, percent-encoded. @throws {AwsError} */
function parseSource(source: string): { bucket: string; key: string } {
  if (/\?versionId=/.test(source)) throw notImplemented('versions of objects');
  let decoded: string;
  try {
    decoded = decodeURIComponent(source.replace(/^\//, ''));
  } catch {
    throw new AwsError(400, 'InvalidURI', "Couldn't parse the specified URI.", { URI: source });
  }
  const [bucket = '', key = ''] = decoded.split(/\/(.*)/s, 2);
  if (bucket === '' || key === '') {
    throw invalidArgument('Invalid copy source object key', 'x-amz-copy-source', source);
  }
  return { bucket, key };
}
