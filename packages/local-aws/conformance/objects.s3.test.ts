import { createHash } from 'node:crypto';
import { request } from 'node:http';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { presign } from './signed-request.ts';
import { createBucket, exists, put, refusal, removeBucket, s3 } from './storage.ts';

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
});
afterAll(() => removeBucket(bucket));

const read = async (Key: string, Range?: string) => {
  const { Body, ...rest } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key, Range }));
  return { text: await Body?.transformToString(), ...rest };
};

subject('an object', () => {
  behaviour('comes back with its headers and metadata', async () => {
    const headers = {
      ContentType: 'image/webp',
      CacheControl: 'public, max-age=31536000, immutable',
      ContentDisposition: 'inline',
      ContentEncoding: 'identity',
      ContentLanguage: 'en',
      Metadata: { note: 'hello' },
    };
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'headers', Body: 'x', ...headers }));
    expect(await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'headers' }))).toMatchObject(headers);
    expect(await read('headers')).toMatchObject({ text: 'x', ...headers });
  });

  behaviour('has the MD5 of its bytes as ETag', async () => {
    const { ETag } = await put(bucket, 'etag', 'bytes');
    expect(ETag).toBe(`"${createHash('md5').update('bytes').digest('hex')}"`);
    expect((await read('etag')).ETag).toBe(ETag);
  });

  behaviour('has the type binary/octet-stream where none was given', async () => {
    const url = await presign({ method: 'PUT', path: `${bucket}/untyped` });
    await fetch(url, { method: 'PUT', body: new Uint8Array([1]) });
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'untyped' }));
    expect(head.ContentType).toBe('binary/octet-stream');
  });

  behaviour('is replaced whole', async () => {
    await put(bucket, 'replaced', 'a longer first content');
    await put(bucket, 'replaced', 'second');
    expect(await read('replaced')).toMatchObject({ text: 'second', ContentLength: 6 });
  });

  behaviour('may be empty', async () => {
    await put(bucket, 'empty', '');
    expect(await read('empty')).toMatchObject({ text: '', ContentLength: 0 });
  });

  behaviour('is gone once deleted, and to delete it again is no error', async () => {
    await put(bucket, 'deleted');
    for (const _ of [1, 2]) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'deleted' }));
    expect(await exists(bucket, 'deleted')).toBe(false);
    expect(await refusal(read('deleted'))).toEqual({ status: 404, code: 'NoSuchKey' });
  });

  behaviour('of a bucket that is not there is 404 NoSuchBucket', async () => {
    const call = s3.send(new GetObjectCommand({ Bucket: `${bucket}-none`, Key: 'x' }));
    expect(await refusal(call)).toEqual({ status: 404, code: 'NoSuchBucket' });
  });

  behaviour('whose upload is cut short is not stored', async () => {
    const url = await presign({ method: 'PUT', path: `${bucket}/cut` });
    await new Promise<void>((resolve) => {
      const cut = request(url, { method: 'PUT', headers: { 'Content-Length': 100 } });
      cut.on('error', () => resolve());
      cut.on('close', () => resolve());
      cut.write('only this', () => cut.destroy());
    });
    expect(await exists(bucket, 'cut')).toBe(false);
  });
});

subject('a range of an object', () => {
  beforeAll(() => put(bucket, 'range', '0123456789'));

  behaviour('is served as 206', async () => {
    expect(await read('range', 'bytes=2-4')).toMatchObject({ text: '234', ContentRange: 'bytes 2-4/10' });
    expect((await read('range', 'bytes=7-')).text).toBe('789');
    expect((await read('range', 'bytes=-3')).text).toBe('789');
    expect((await read('range', 'bytes=8-99')).text).toBe('89');
  });

  behaviour('that lies behind its end is 416', async () => {
    expect(await refusal(read('range', 'bytes=10-20'))).toEqual({ status: 416, code: 'InvalidRange' });
  });
});

subject('a digest of an upload', () => {
  const write = (Key: string, claim: object) =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'bytes', ...claim }));
  const digest = (algorithm: string, text: string) => createHash(algorithm).update(text).digest('base64');

  behaviour('x-amz-checksum-sha256 is kept where it is right', async () => {
    const ChecksumSHA256 = digest('sha256', 'bytes');
    expect((await write('sha256', { ChecksumSHA256 })).ChecksumSHA256).toBe(ChecksumSHA256);
    const head = new HeadObjectCommand({ Bucket: bucket, Key: 'sha256', ChecksumMode: 'ENABLED' });
    expect((await s3.send(head)).ChecksumSHA256).toBe(ChecksumSHA256);
  });

  behaviour('x-amz-checksum-sha256 is refused where it is wrong', async () => {
    const call = write('sha256-wrong', { ChecksumSHA256: digest('sha256', 'other') });
    expect(await refusal(call)).toEqual({ status: 400, code: 'BadDigest' });
    expect(await exists(bucket, 'sha256-wrong')).toBe(false);
  });

  behaviour('Content-MD5 is refused where it is wrong', async () => {
    const call = write('md5-wrong', { ContentMD5: digest('md5', 'other') });
    expect(await refusal(call)).toEqual({ status: 400, code: 'BadDigest' });
    expect(await exists(bucket, 'md5-wrong')).toBe(false);
  });

  behaviour('Content-MD5 is refused where it can be none', async () => {
    expect(await refusal(write('md5-none', { ContentMD5: 'short' }))).toEqual({
      status: 400,
      code: 'InvalidDigest',
    });
  });
});

subject('a copy', () => {
  beforeAll(() =>
    s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: 'source ä',
        Body: 'copied',
        ContentType: 'image/png',
        Metadata: { from: 'source' },
      }),
    ),
  );
  const CopySource = () => `${bucket}/${encodeURIComponent('source ä')}`;

  behaviour('has the bytes, type and metadata of its source', async () => {
    await s3.send(new CopyObjectCommand({ Bucket: bucket, Key: 'copied', CopySource: CopySource() }));
    expect(await read('copied')).toMatchObject({
      text: 'copied',
      ContentType: 'image/png',
      Metadata: { from: 'source' },
    });
  });

  behaviour('has its own type and metadata where they replace the source’s', async () => {
    const own = { ContentType: 'text/plain', Metadata: { own: 'yes' } };
    await s3.send(
      new CopyObjectCommand({
        Bucket: bucket,
        Key: 'replaced-metadata',
        CopySource: CopySource(),
        MetadataDirective: 'REPLACE',
        ...own,
      }),
    );
    expect(await read('replaced-metadata')).toMatchObject({ text: 'copied', ...own });
  });

  behaviour('of what is not there is 404', async () => {
    const command = new CopyObjectCommand({ Bucket: bucket, Key: 'x', CopySource: `${bucket}/none` });
    expect(await refusal(s3.send(command))).toEqual({ status: 404, code: 'NoSuchKey' });
  });
});

subject('a listing', () => {
  const keys = ['list/a', 'list/b/1', 'list/b/2', 'list/c', 'list/é', 'list/\uff5e', 'list/😀'];
  beforeAll(async () => {
    for (const key of keys) await put(bucket, key, key);
  });

  behaviour('is in the order of UTF-8 bytes, and paged', async () => {
    const listed: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: 'list/', MaxKeys: 2, ContinuationToken }),
      );
      expect(page.KeyCount).toBeLessThanOrEqual(2);
      listed.push(...(page.Contents ?? []).map(({ Key }) => Key));
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(listed).toEqual(keys);
  });

  behaviour('rolls up by delimiter', async () => {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'list/', Delimiter: '/' }));
    expect(page.CommonPrefixes?.map(({ Prefix }) => Prefix)).toEqual(['list/b/']);
    expect(page.Contents?.map(({ Key }) => Key)).not.toContain('list/b/1');
  });

  behaviour('begins behind start-after', async () => {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: 'list/',
      StartAfter: 'list/b/2',
      MaxKeys: 1,
    });
    expect((await s3.send(command)).Contents?.map(({ Key }) => Key)).toEqual(['list/c']);
  });
});
