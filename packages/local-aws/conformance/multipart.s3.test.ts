import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect } from 'vitest';
import { behaviour, subject } from './behaviour.ts';
import { createBucket, exists, refusal, removeBucket, s3 } from './storage.ts';

const MIB = 1024 * 1024;

let bucket: string;
beforeAll(async () => {
  bucket = await createBucket();
});
afterAll(() => removeBucket(bucket));

const create = async (Key: string, headers: object = {}) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key, ...headers }));
  return { Bucket: bucket, Key, UploadId };
};
type Upload = Awaited<ReturnType<typeof create>>;

const uploadPart = async (upload: Upload, PartNumber: number, Body: Buffer | string) => {
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
  return { PartNumber, ETag };
};

const complete = (upload: Upload, Parts: { PartNumber: number; ETag: string | undefined }[]) =>
  s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));

subject('a multipart upload', () => {
  behaviour('becomes one object, with the headers that it was created with', async () => {
    const upload = await create('whole', { ContentType: 'image/jpeg', Metadata: { note: 'hello' } });
    const first = Buffer.alloc(5 * MIB, 'a');
    const parts = [await uploadPart(upload, 1, first), await uploadPart(upload, 2, 'tail')];
    expect(await exists(bucket, 'whole')).toBe(false);
    const { ETag } = await complete(upload, parts);

    const digests = [first, 'tail'].map((part) => createHash('md5').update(part).digest());
    const expected = createHash('md5').update(Buffer.concat(digests)).digest('hex');
    expect(ETag?.replaceAll('"', '')).toBe(`${expected}-2`);
    const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: 'whole' }));
    expect(head).toMatchObject({
      ContentLength: 5 * MIB + 4,
      ContentType: 'image/jpeg',
      Metadata: { note: 'hello' },
    });
    const tail = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'whole', Range: 'bytes=-6' }));
    expect(await tail.Body?.transformToString()).toBe('aatail');
  });

  behaviour('lists its parts, in pages', async () => {
    const upload = await create('listed');
    for (const number of [3, 1, 2]) await uploadPart(upload, number, `part ${number}`);
    const first = await s3.send(new ListPartsCommand({ ...upload, MaxParts: 2 }));
    expect(first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
      [1, 6],
      [2, 6],
    ]);
    expect(first.IsTruncated).toBe(true);
    const rest = await s3.send(
      new ListPartsCommand({ ...upload, PartNumberMarker: first.NextPartNumberMarker }),
    );
    expect(rest.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);
  });

  behaviour('is listed among the bucket’s until it is done', async () => {
    const upload = await create('pending/one');
    const list = async () => {
      const answer = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: 'pending/' }));
      return (answer.Uploads ?? []).map(({ Key }) => Key);
    };
    expect(await list()).toEqual(['pending/one']);
    await s3.send(new AbortMultipartUploadCommand(upload));
    expect(await list()).toEqual([]);
  });

  behaviour('keeps the last of two parts of one number', async () => {
    const upload = await create('repeated');
    const first = await uploadPart(upload, 1, 'first');
    const second = await uploadPart(upload, 1, 'second');
    expect(await refusal(complete(upload, [first]))).toEqual({ status: 400, code: 'InvalidPart' });
    await complete(upload, [second]);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'repeated' }));
    expect(await Body?.transformToString()).toBe('second');
  });
});

subject('to complete a multipart upload is refused', () => {
  behaviour('with a part that was not uploaded', async () => {
    const upload = await create('missing-part');
    const part = await uploadPart(upload, 1, 'x');
    const call = complete(upload, [{ ...part, PartNumber: 2 }]);
    expect(await refusal(call)).toEqual({ status: 400, code: 'InvalidPart' });
  });

  behaviour('with its parts out of order', async () => {
    const upload = await create('disordered');
    const parts = [await uploadPart(upload, 1, Buffer.alloc(5 * MIB)), await uploadPart(upload, 2, 'x')];
    const call = complete(upload, parts.reverse());
    expect(await refusal(call)).toEqual({ status: 400, code: 'InvalidPartOrder' });
  });

  behaviour('with a part below 5 MiB that is not the last', async () => {
    const upload = await create('small-part');
    const parts = [await uploadPart(upload, 1, 'small'), await uploadPart(upload, 2, 'x')];
    expect(await refusal(complete(upload, parts))).toEqual({ status: 400, code: 'EntityTooSmall' });
  });

  behaviour('after it was aborted', async () => {
    const upload = await create('aborted');
    const part = await uploadPart(upload, 1, 'x');
    await s3.send(new AbortMultipartUploadCommand(upload));
    expect(await refusal(complete(upload, [part]))).toEqual({ status: 404, code: 'NoSuchUpload' });
    expect(await exists(bucket, 'aborted')).toBe(false);
  });
});

subject('a part', () => {
  behaviour('of an upload that is not there is 404', async () => {
    const call = uploadPart({ Bucket: bucket, Key: 'none', UploadId: 'no-such-upload' }, 1, 'x');
    expect(await refusal(call)).toEqual({ status: 404, code: 'NoSuchUpload' });
  });

  behaviour('has a number from 1 to 10,000', async () => {
    const upload = await create('numbers');
    for (const number of [0, 10_001]) {
      expect(await refusal(uploadPart(upload, number, 'x'))).toEqual({
        status: 400,
        code: 'InvalidArgument',
      });
    }
    await uploadPart(upload, 10_000, 'x');
  });

  behaviour('is refused where its checksum is wrong', async () => {
    const upload = await create('part-checksum');
    const ChecksumSHA256 = createHash('sha256').update('other').digest('base64');
    const call = s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'x', ChecksumSHA256 }));
    expect(await refusal(call)).toEqual({ status: 400, code: 'BadDigest' });
  });
});
