import { randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import type { Keys } from './target.ts';

export const target = inject('s3Target');

export const clientOf = (credentials: Keys): S3Client =>
  new S3Client({
    endpoint: target.endpoint,
    region: target.region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
    // A connection each: where an answer breaks HTTP, the next test must not read the rest of it.
    requestHandler: { httpAgent: new Agent({ keepAlive: false }) },
  });

/** As the user who may do everything. */
export const s3 = clientOf(target.root);

/** A bucket of the caller's own, that may have a public policy. */
export async function createBucket(): Promise<string> {
  const Bucket = `conformance-${randomBytes(6).toString('hex')}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  const PublicAccessBlockConfiguration = { BlockPublicPolicy: false, RestrictPublicBuckets: false };
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration }));
  return Bucket;
}

export async function removeBucket(Bucket: string): Promise<void> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  for (const { Key, UploadId } of Uploads) {
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  }
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
}

export const put = (Bucket: string, Key: string, Body = `content of ${Key}`) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));

export async function exists(Bucket: string, Key: string): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket, Key }));
    return true;
  } catch (error) {
    if ((error as { name: string }).name === 'NotFound') return false;
    throw error;
  }
}

export const urlOf = (bucket: string, key = ''): string =>
  `${target.endpoint}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;

export type RefusedBy = { status: number; code: string };

/** What an SDK call was refused with; fails where it wasn't. */
export async function refusal(call: Promise<unknown>): Promise<RefusedBy> {
  try {
    await call;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return { status: $metadata?.httpStatusCode ?? 0, code: name };
  }
  throw new Error('The call was not refused');
}

/** The status of an answer, with the code and the message of S3's error document where it has one. */
export async function answerOf(
  response: Response,
): Promise<{ status: number; code: string; message: string }> {
  const body = await response.text();
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1] ?? '';
  return { status: response.status, code: element('Code'), message: decode(element('Message')) };
}

const decode = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&apos;', "'").replaceAll('&amp;', '&');
