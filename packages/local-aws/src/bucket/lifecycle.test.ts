import { lifecycleRules } from '@s3-image-app/infra';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildXml } from '../s3/xml.ts';
import { Store } from '../store/store.ts';
import { applyLifecycle, parseLifecycle } from './lifecycle.ts';

const DAY_MS = 86_400_000;
const rule = (content: object) =>
  buildXml('LifecycleConfiguration', { Rule: { Status: 'Enabled', ...content } });

describe('a lifecycle document', () => {
  test('of infra is carried out', () => {
    const document = buildXml('LifecycleConfiguration', { Rule: lifecycleRules() });
    expect(parseLifecycle(document)).toEqual([
      { enabled: true, prefix: 'quarantine/', expireAfter: 1, abortAfter: 1 },
    ]);
  });

  test.each([
    ['a transition', { Transition: { Days: 1, StorageClass: 'GLACIER' } }, 'Transition'],
    ['a filter by tag', { Filter: { Tag: { Key: 'a', Value: 'b' } }, Expiration: { Days: 1 } }, 'Tag'],
    ['an expiration at a date', { Expiration: { Date: '2030-01-01T00:00:00Z' } }, 'Date'],
    ['versions', { NoncurrentVersionExpiration: { NoncurrentDays: 1 } }, 'NoncurrentVersionExpiration'],
  ])('with %s is refused by its name', (_name, content, named) => {
    expect(() => parseLifecycle(rule(content))).toThrow(
      expect.objectContaining({ code: 'NotImplemented', message: expect.stringContaining(named) }),
    );
  });

  test('with no days or no status is refused', () => {
    expect(() => parseLifecycle(rule({ Expiration: { Days: 0 } }))).toThrow(
      expect.objectContaining({ code: 'InvalidArgument' }),
    );
    expect(() => parseLifecycle(rule({ Status: 'On' }))).toThrow(
      expect.objectContaining({ code: 'MalformedXML' }),
    );
  });
});

describe('a lifecycle rule', () => {
  let store: Store;
  beforeEach(async () => {
    store = await Store.open(undefined);
  });
  afterEach(() => store.close());

  const bucketWith = (document: string) => {
    store.createBucket('bucket', { lifecycle: document });
    const bucket = store.bucket('bucket');
    const lastModified = '2030-01-01T13:00:00.000Z';
    for (const key of ['quarantine/a', 'public/a']) {
      const { blob } = store.newBlob();
      store.putObject(bucket, { key, blob, size: 0, etag: '', lastModified, checksums: {}, headers: {} });
    }
    return bucket;
  };

  test('expires what has its prefix at the midnight after its days, and nothing else', () => {
    const bucket = bucketWith(rule({ Filter: { Prefix: 'quarantine/' }, Expiration: { Days: 1 } }));
    applyLifecycle(store, new Date('2030-01-02T23:59:59Z'));
    expect([...bucket.objects.keys()]).toEqual(['quarantine/a', 'public/a']);
    applyLifecycle(store, new Date('2030-01-03T00:00:00Z'));
    expect([...bucket.objects.keys()]).toEqual(['public/a']);
  });

  test('that is disabled expires nothing', () => {
    const bucket = bucketWith(rule({ Status: 'Disabled', Expiration: { Days: 1 } }));
    applyLifecycle(store, new Date('2031-01-01T00:00:00Z'));
    expect(bucket.objects.size).toBe(2);
  });

  test('aborts unfinished uploads, and leaves objects', () => {
    const bucket = bucketWith(rule({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }));
    store.createUpload(bucket, 'quarantine/b', {});
    applyLifecycle(store, new Date());
    expect(bucket.uploads.size).toBe(1);
    applyLifecycle(store, new Date(Date.now() + 2 * DAY_MS));
    expect(bucket.uploads.size).toBe(0);
    expect(bucket.objects.size).toBe(2);
  });
});
