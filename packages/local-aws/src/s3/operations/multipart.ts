import { invalidArgument } from '../../errors.ts';
import { receive } from '../../payload/receive.ts';
import type { Part } from '../../store/types.ts';
import type { S3Call } from '../call.ts';
import { keptHeaders, quoted } from '../object-headers.ts';
import { maxKeys } from './list-objects.ts';

/** S3's limit: part numbers run from 1. */
const MAX_PART_NUMBER = 10_000;

const uploadOf = ({ services, bucket, request }: S3Call) =>
  services.store.upload(bucket, request.query.get('uploadId') ?? '', request.key);

export async function createMultipartUpload(call: S3Call): Promise<void> {
  const { services, bucket, request, headers } = call;
  const { id } = services.store.createUpload(bucket, request.key, keptHeaders(headers));
  call.answer('InitiateMultipartUploadResult', { Bucket: bucket.name, Key: request.key, UploadId: id });
}

export async function uploadPart(call: S3Call): Promise<void> {
  const { services, bucket, request, response } = call;
  const upload = uploadOf(call);
  const number = Number(request.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PART_NUMBER) {
    throw invalidArgument(
      `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`,
      'partNumber',
      request.query.get('partNumber') ?? '',
    );
  }
  const part: Part = { number, ...(await receive(services.store, call.body())) };
  services.store.putPart(bucket, upload.id, part);
  response.writeHead(200, { ETag: quoted(part.etag), ...part.checksums }).end();
}

export async function abortMultipartUpload(call: S3Call): Promise<void> {
  call.services.store.dropUpload(call.bucket, uploadOf(call).id);
  call.response.writeHead(204).end();
}

export async function listParts(call: S3Call): Promise<void> {
  const { bucket, request } = call;
  const upload = uploadOf(call);
  const marker = Number(request.query.get('part-number-marker') ?? 0);
  const limit = maxKeys(request.query.get('max-parts'), 'max-parts');
  const rest = [...upload.parts.values()]
    .filter(({ number }) => number > marker)
    .sort((a, b) => a.number - b.number);
  const page = rest.slice(0, limit);
  call.answer('ListPartsResult', {
    Bucket: bucket.name,
    Key: upload.key,
    UploadId: upload.id,
    PartNumberMarker: marker,
    NextPartNumberMarker: page.at(-1)?.number ?? 0,
    MaxParts: limit,
    IsTruncated: rest.length > page.length,
    Part: page.map((part) => ({
      PartNumber: part.number,
      LastModified: part.lastModified,
      ETag: quoted(part.etag),
      Size: part.size,
    })),
    StorageClass: 'STANDARD',
  });
}

export async function listMultipartUploads(call: S3Call): Promise<void> {
  const { bucket, request } = call;
  const prefix = request.query.get('prefix') ?? '';
  const limit = maxKeys(request.query.get('max-uploads'), 'max-uploads');
  const [keyMarker, idMarker] = [
    request.query.get('key-marker') ?? '',
    request.query.get('upload-id-marker') ?? '',
  ];
  const order = (upload: { key: string; id: string }) => `${upload.key}\0${upload.id}`;
  const after = order({ key: keyMarker, id: idMarker || '\uffff' });
  const rest = [...bucket.uploads.values()]
    .filter((upload) => upload.key.startsWith(prefix) && (keyMarker === '' || order(upload) > after))
    .sort((a, b) => (order(a) < order(b) ? -1 : 1));
  const page = rest.slice(0, limit);
  const last = rest.length > page.length ? page.at(-1) : undefined;
  call.answer('ListMultipartUploadsResult', {
    Bucket: bucket.name,
    KeyMarker: keyMarker,
    UploadIdMarker: idMarker,
    NextKeyMarker: last?.key,
    NextUploadIdMarker: last?.id,
    Prefix: prefix,
    MaxUploads: limit,
    IsTruncated: last !== undefined,
    Upload: page.map(({ key, id, initiated }) => ({
      Key: key,
      UploadId: id,
      Initiated: initiated,
      StorageClass: 'STANDARD',
    })),
  });
}
