import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AwsError, entityTooSmall, malformedXml } from '../../errors.ts';
import { reportWrite } from '../../events/send.ts';
import { receiveText } from '../../payload/receive.ts';
import type { Store } from '../../store/store.ts';
import type { Part, StoredObject, UploadInProgress } from '../../store/types.ts';
import type { S3Call } from '../call.ts';
import { writePrecondition } from '../conditions.ts';
import { quoted } from '../object-headers.ts';
import { objectUrl } from '../request.ts';
import { children, parseXml, text } from '../xml.ts';

/** S3's limit for every part but the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;

export async function completeMultipartUpload(call: S3Call): Promise<void> {
  const { services, bucket, request, headers } = call;
  const { store } = services;
  if ('if-match' in headers) call.require('s3:GetObject');
  const precondition = writePrecondition(headers, request.key);
  const upload = store.upload(bucket, request.query.get('uploadId') ?? '', request.key);
  const parts = chosenParts(upload, await receiveText(call.body()));
  precondition(bucket.objects.get(upload.key));
  const object: StoredObject = {
    key: upload.key,
    headers: upload.headers,
    blob: await join(store, parts),
    size: parts.reduce((sum, part) => sum + part.size, 0),
    etag: etagOf(parts),
    lastModified: new Date().toISOString(),
    checksums: {},
  };
  store.putObject(bucket, object, (current) => {
    // Another request may have completed or aborted it while the parts were joined.
    store.upload(bucket, upload.id, upload.key);
    precondition(current);
  });
  store.dropUpload(bucket, upload.id);
  reportWrite(services.queues, bucket, 'ObjectCreated:CompleteMultipartUpload', object, call.source);
  call.answer('CompleteMultipartUploadResult', {
    Location: objectUrl(request.host, bucket.name, upload.key),
    Bucket: bucket.name,
    Key: upload.key,
    ETag: quoted(object.etag),
  });
}

/** The parts that the client lists, each the one it means. @throws {AwsError} InvalidPart, InvalidPartOrder, … */
function chosenParts(upload: UploadInProgress, document: string): Part[] {
  const listed = children(parseXml(document, 'CompleteMultipartUpload'), 'Part').map((element) => ({
    number: Number(text(element, 'PartNumber')),
    etag: text(element, 'ETag')?.replaceAll('"', ''),
  }));
  if (listed.length === 0) throw malformedXml();
  const parts = listed.map(({ number, etag }) => {
    const part = upload.parts.get(number);
    if (part && part.etag === etag) return part;
    throw new AwsError(
      400,
      'InvalidPart',
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      { UploadId: upload.id, PartNumber: String(number), ETag: etag ?? '' },
    );
  });
  for (const [index, part] of parts.entries()) {
    const next = parts[index + 1];
    if (next && next.number <= part.number) {
      throw new AwsError(
        400,
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
        { UploadId: upload.id },
      );
    }
    if (next && part.size < MIN_PART_BYTES) throw entityTooSmall(part.size, MIN_PART_BYTES);
  }
  return parts;
}

/** The MD5 of the parts' MD5s, and how many there are. */
function etagOf(parts: Part[]): string {
  const digests = Buffer.concat(parts.map((part) => Buffer.from(part.etag, 'hex')));
  return `${createHash('md5').update(digests).digest('hex')}-${parts.length}`;
}

async function join(store: Store, parts: Part[]): Promise<string> {
  const { blob, path } = store.newBlob();
  // All are open before the first is read: an abort meanwhile can't take one away.
  const streams = parts.map((part) => createReadStream('', { fd: store.read(part) }));
  try {
    await pipeline(async function* () {
      for (const stream of streams) yield* stream;
    }, createWriteStream(path));
    return blob;
  } catch (error) {
    for (const stream of streams) stream.destroy();
    store.dropBlob(blob);
    throw error;
  }
}
