import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { createBucket, put, refusal, removeBucket, s3 } from './storage.ts';

const OTHER = '"00000000000000000000000000000000"';
const FAILED = { status: 412, code: 'PreconditionFailed' };
const YESTERDAY = new Date(Date.now() - 86_400_000);

let bucket: string;
let etag: string;
let modified: Date;
beforeAll(async () => {
  bucket = await createBucket();
  etag = (await put(bucket, 'object')).ETag ?? '';
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'object' }));
  modified = head.LastModified ?? new Date();
});
afterAll(() => removeBucket(bucket));

type GetConditions = Partial<ConstructorParameters<typeof GetObjectCommand>[0]>;
const get = (conditions: GetConditions) =>
  s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'object', ...conditions }));

subject('GET', () => {
  behaviour('with If-Match is served for that version only', async () => {
    await get({ IfMatch: etag });
    expect(await refusal(get({ IfMatch: OTHER }))).toEqual(FAILED);
  });

  behaviour('with If-None-Match of that version is 304', async () => {
    expect((await refusal(get({ IfNoneMatch: etag }))).status).toBe(304);
    await get({ IfNoneMatch: OTHER });
  });

  behaviour('with If-Modified-Since is 304 where nothing has changed', async () => {
    expect((await refusal(get({ IfModifiedSince: modified }))).status).toBe(304);
    await get({ IfModifiedSince: YESTERDAY });
  });

  behaviour('with If-Unmodified-Since is served only where nothing has changed', async () => {
    await get({ IfUnmodifiedSince: modified });
    expect(await refusal(get({ IfUnmodifiedSince: YESTERDAY }))).toEqual(FAILED);
  });

  behaviour('asks If-Match before If-Unmodified-Since', async () => {
    await get({ IfMatch: etag, IfUnmodifiedSince: YESTERDAY });
  });
});

subject('PUT', () => {
  const write = (Key: string, conditions: { IfMatch?: string; IfNoneMatch?: string }) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'new', ...conditions }));

  behaviour('with If-None-Match: * creates, and replaces nothing', async () => {
    await write('created', { IfNoneMatch: '*' });
    expect(await refusal(write('created', { IfNoneMatch: '*' }))).toEqual(FAILED);
  });

  behaviour('with If-None-Match: * lets one of several at once win', async () => {
    const writes = Array.from({ length: 5 }, () =>
      write('raced', { IfNoneMatch: '*' }).catch(() => 'refused'),
    );
    const results = await Promise.all(writes);
    expect(results.filter((result) => result !== 'refused')).toHaveLength(1);
  });

  behaviour('with If-Match replaces that version only', async () => {
    const { ETag } = await put(bucket, 'replaced');
    expect(await refusal(write('replaced', { IfMatch: OTHER }))).toEqual(FAILED);
    await write('replaced', { IfMatch: ETag ?? '' });
  });

  behaviour('with If-Match of an object that is not there is 404', async () => {
    expect(await refusal(write('none', { IfMatch: OTHER }))).toEqual({ status: 404, code: 'NoSuchKey' });
  });
});

subject('CopyObject', () => {
  type CopyConditions = Partial<ConstructorParameters<typeof CopyObjectCommand>[0]>;
  const copy = (conditions: CopyConditions) =>
    s3.send(
      new CopyObjectCommand({ Bucket: bucket, Key: 'copy', CopySource: `${bucket}/object`, ...conditions }),
    );

  behaviour('with x-amz-copy-source-if-match copies that version only', async () => {
    await copy({ CopySourceIfMatch: etag });
    expect(await refusal(copy({ CopySourceIfMatch: OTHER }))).toEqual(FAILED);
  });

  behaviour('with x-amz-copy-source-if-none-match copies another version only', async () => {
    await copy({ CopySourceIfNoneMatch: OTHER });
    expect(await refusal(copy({ CopySourceIfNoneMatch: etag }))).toEqual(FAILED);
  });

  behaviour('with x-amz-copy-source-if-unmodified-since copies what has not changed', async () => {
    await copy({ CopySourceIfUnmodifiedSince: modified });
    expect(await refusal(copy({ CopySourceIfUnmodifiedSince: YESTERDAY }))).toEqual(FAILED);
  });

  behaviour('with x-amz-copy-source-if-modified-since copies what has changed', async () => {
    await copy({ CopySourceIfModifiedSince: YESTERDAY });
    expect(await refusal(copy({ CopySourceIfModifiedSince: modified }))).toEqual(FAILED);
  });
});

subject('CompleteMultipartUpload', () => {
  const upload = async (Key: string) => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    const part = { Bucket: bucket, Key, UploadId, PartNumber: 1, Body: 'part' };
    const { ETag } = await s3.send(new UploadPartCommand(part));
    return { Bucket: bucket, Key, UploadId, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
  };

  behaviour('with If-None-Match: * creates, and replaces nothing', async () => {
    const first = await upload('completed');
    await s3.send(new CompleteMultipartUploadCommand({ ...first, IfNoneMatch: '*' }));
    const second = await upload('completed');
    const call = s3.send(new CompleteMultipartUploadCommand({ ...second, IfNoneMatch: '*' }));
    expect(await refusal(call)).toEqual(FAILED);
  });

  behaviour('with If-Match replaces that version only', async () => {
    const { ETag } = await put(bucket, 'completed-over');
    const parts = await upload('completed-over');
    const wrong = s3.send(new CompleteMultipartUploadCommand({ ...parts, IfMatch: OTHER }));
    expect(await refusal(wrong)).toEqual(FAILED);
    await s3.send(new CompleteMultipartUploadCommand({ ...parts, IfMatch: ETag }));
  });
});
