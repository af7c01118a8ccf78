import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { Bench } from './bench.ts';
import { CANARY, CANARY_TYPE } from './canary-image.ts';

/** The few things that the probes try on the bucket with a role's credentials. */
export const handsOf = (bench: Bench, role: 'api' | 'worker') => {
  const { s3 } = bench[role];
  const { bucket: Bucket } = bench.deployment;
  return {
    put: (Key: string) =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body: CANARY, ContentType: CANARY_TYPE })),
    get: async (Key: string) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      await Body?.transformToByteArray();
    },
    list: (Prefix?: string) => s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 })),
    remove: (Key: string) => s3.send(new DeleteObjectCommand({ Bucket, Key })),
    /** Of a document that no S3 takes: where it is allowed, nothing has changed either. */
    changePolicy: () => s3.send(new PutBucketPolicyCommand({ Bucket, Policy: '{}' })),
  };
};

/** Puts an object where finished images lie, as the worker does, and answers its key. */
export async function putRendition(bench: Bench, prefix: 'public/' | 'private/'): Promise<string> {
  const key = bench.newKey(prefix);
  try {
    await handsOf(bench, 'worker').put(key);
  } catch (error) {
    throw new Error(`the worker's role could not put an object under ${prefix}: ${(error as Error).name}`);
  }
  return key;
}
