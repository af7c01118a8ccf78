import { AwsError, malformedXml, notImplemented } from '../errors.ts';
import { children, parseXml, text, type XmlElement } from '../s3/xml.ts';
import type { Store } from '../store/store.ts';

type LifecycleRule = {
  enabled: boolean;
  prefix: string;
  /** Days after which an object is deleted. */
  expireAfter: number | undefined;
  /** Days after which an unfinished multipart upload is aborted. */
  abortAfter: number | undefined;
};

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The rules of a lifecycle document, all of which {@link applyLifecycle} carries out.
 * @throws {AwsError} MalformedXML; NotImplemented for a rule that it would not carry out
 */
export function parseLifecycle(document: string): LifecycleRule[] {
  const rules = children(parseXml(document, 'LifecycleConfiguration'), 'Rule');
  if (rules.length === 0) throw malformedXml();
  return rules.map(parseRule);
}

function parseRule(rule: XmlElement): LifecycleRule {
  refuseOthers(
    rule,
    ['ID', 'Status', 'Filter', 'Prefix', 'Expiration', 'AbortIncompleteMultipartUpload'],
    'Rule',
  );
  const [filter = {}] = children(rule, 'Filter');
  refuseOthers(filter, ['Prefix'], 'Filter');
  const [expiration = {}] = children(rule, 'Expiration');
  refuseOthers(expiration, ['Days'], 'Expiration');
  const [abort = {}] = children(rule, 'AbortIncompleteMultipartUpload');
  const status = text(rule, 'Status');
  if (status !== 'Enabled' && status !== 'Disabled') throw malformedXml();
  return {
    enabled: status === 'Enabled',
    prefix: text(filter, 'Prefix') ?? text(rule, 'Prefix') ?? '',
    expireAfter: days(expiration, 'Days'),
    abortAfter: days(abort, 'DaysAfterInitiation'),
  };
}

function refuseOthers(element: XmlElement, known: string[], where: string): void {
  const other = Object.keys(element).find((name) => !known.includes(name));
  if (other !== undefined) throw notImplemented(`${other} in a lifecycle ${where}`);
}

function days(element: XmlElement, name: string): number | undefined {
  const value = text(element, name);
  if (value === undefined) return undefined;
  if (/^[1-9]\d*$/.test(value)) return Number(value);
  throw new AwsError(400, 'InvalidArgument', `'${name}' must be a positive integer`);
}

/**
 * Deletes what the buckets' lifecycle rules say is due at a time. S3 rounds up to the next midnight in UTC, and
 * so does this. Nothing is reported to a queue: S3 doesn't report these deletions as ObjectRemoved either.
 */
export function applyLifecycle(store: Store, now: Date): void {
  for (const bucket of store.buckets()) {
    if (bucket.documents.lifecycle === undefined) continue;
    for (const rule of parseLifecycle(bucket.documents.lifecycle)) {
      if (!rule.enabled) continue;
      for (const { key, lastModified } of [...bucket.objects.values()]) {
        if (key.startsWith(rule.prefix) && isDue(lastModified, rule.expireAfter, now))
          store.dropObject(bucket, key);
      }
      for (const { id, key, initiated } of [...bucket.uploads.values()]) {
        if (key.startsWith(rule.prefix) && isDue(initiated, rule.abortAfter, now))
          store.dropUpload(bucket, id);
      }
    }
  }
}

function isDue(since: string, afterDays: number | undefined, now: Date): boolean {
  if (afterDays === undefined) return false;
  const due = Date.parse(since) + afterDays * DAY_MS;
  return Math.ceil(due / DAY_MS) * DAY_MS <= now.getTime();
}
