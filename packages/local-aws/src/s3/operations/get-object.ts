import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AwsError, invalidRequest } from '../../errors.ts';
import type { S3Call } from '../call.ts';
import { isNotModified } from '../conditions.ts';
import { describe, headerValue, quoted } from '../object-headers.ts';

/** GetObject and HeadObject. */
export async function getObject(call: S3Call): Promise<void> {
  const { request, response, services, headers } = call;
  const object = call.object(call.bucket, request.key);
  if (isNotModified(headers, object)) {
    response.writeHead(304, { ETag: quoted(object.etag) }).end();
    return;
  }
  const range = parseRange(headers.range, object.size);
  const answer = {
    ...describe(object),
    ...overrides(call),
    ...(headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED' && !range ? object.checksums : {}),
    'Content-Length': range ? range.end - range.start + 1 : object.size,
    ...(range ? { 'Content-Range': `bytes ${range.start}-${range.end}/${object.size}` } : {}),
  };
  if (request.method === 'HEAD') {
    response.writeHead(range ? 206 : 200, answer).end();
    return;
  }
  // Opened before anything else can replace the object.
  const bytes = createReadStream('', { fd: services.store.read(object), ...range });
  response.writeHead(range ? 206 : 200, answer);
  await pipeline(bytes, response);
}

/** response-content-type and its like: how a signed request may have the object presented. */
function overrides(call: S3Call): Record<string, string> {
  const found = [...call.request.query].filter(([name]) => /^response-/.test(name));
  if (found.length > 0 && !call.caller) {
    throw invalidRequest('Request specific response headers cannot be used for anonymous GET requests.');
  }
  return Object.fromEntries(
    found.map(([name, value]) => [name.slice('response-'.length), headerValue(name, value)]),
  );
}

/**
 * One byte range, both ends included. Several, and what isn't a range, are ignored as S3 ignores them.
 * @throws {AwsError} InvalidRange
 */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  const start = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start <= end) return { start, end };
  throw new AwsError(416, 'InvalidRange', 'The requested range is not satisfiable', {
    RangeRequested: header ?? '',
    ActualObjectSize: String(size),
  });
}
