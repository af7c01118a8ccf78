import { invalidRequest, noSuchKey, notImplemented, preconditionFailed } from '../errors.ts';
import type { Precondition } from '../store/store.ts';
import type { StoredObject } from '../store/types.ts';

type Headers = Record<string, string>;

/**
 * Conditional headers of GET and HEAD, in the order of RFC 9110 §13.2.2.
 * @returns whether the client's copy is still good (304)
 * @throws {AwsError} PreconditionFailed
 */
export function isNotModified(headers: Headers, object: StoredObject): boolean {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (match !== undefined) {
    if (!names(match, object.etag)) throw preconditionFailed('If-Match');
  } else if (changedSince(headers['if-unmodified-since'], object)) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (noneMatch !== undefined) return names(noneMatch, object.etag);
  const since = headers['if-modified-since'];
  return since !== undefined && isDate(since) && !changedSince(since, object);
}

/** x-amz-copy-source-if-*: what the source must be. @throws {AwsError} PreconditionFailed */
export function checkCopySource(headers: Headers, source: StoredObject): void {
  const condition = (name: string) => headers[`x-amz-copy-source-if-${name}`];
  const [match, noneMatch] = [condition('match'), condition('none-match')];
  const failed = (name: string) => preconditionFailed(`x-amz-copy-source-If-${name}`);
  if (match !== undefined) {
    if (!names(match, source.etag)) throw failed('Match');
  } else if (changedSince(condition('unmodified-since'), source)) throw failed('Unmodified-Since');
  if (noneMatch !== undefined) {
    if (names(noneMatch, source.etag)) throw failed('None-Match');
    return;
  }
  const since = condition('modified-since');
  if (since !== undefined && isDate(since) && !changedSince(since, source)) throw failed('Modified-Since');
}

/**
 * If-None-Match: * and If-Match of a write. Asked at the moment of the write, so that of two that race one loses.
 * @throws {AwsError} for a condition that S3 doesn't take on writes
 */
export function writePrecondition(headers: Headers, key: string): Precondition {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (match !== undefined && noneMatch !== undefined) {
    throw invalidRequest('If-Match and If-None-Match can not be used together.');
  }
  if (noneMatch !== undefined && noneMatch !== '*')
    throw notImplemented('If-None-Match other than * on writes');
  return (current) => {
    if (noneMatch !== undefined && current) throw preconditionFailed('If-None-Match');
    if (match === undefined) return;
    if (!current) throw noSuchKey(key);
    if (!names(match, current.etag)) throw preconditionFailed('If-Match');
  };
}

/** Whether a list of entity tags, or `*`, names this one. */
const names = (header: string, etag: string): boolean =>
  header.trim() === '*' ||
  header.split(',').some((tag) => tag.trim().replace(/^W\//, '').replace(/^"|"$/g, '') === etag);

/** HTTP dates have whole seconds. One that can't be read is no condition. */
const changedSince = (date: string | undefined, object: StoredObject): boolean =>
  date !== undefined &&
  isDate(date) &&
  Math.floor(Date.parse(object.lastModified) / 1000) * 1000 > Date.parse(date);

const isDate = (date: string): boolean => !Number.isNaN(Date.parse(date));
