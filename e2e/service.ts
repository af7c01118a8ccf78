import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { inject } from 'vitest';
import { inSeconds, makeToken } from './token.ts';

/** The service under test, as the global setup hands it to the test files. */
export type Service = {
  /** Without a slash at its end. */
  url: string;
  jwtSecret: string;
  s3: {
    endpoint: string;
    region: string;
    bucket: string;
    keys: { accessKeyId: string; secretAccessKey: string };
    /** The store takes a form's bytes without comparing them with the SHA-256 that it names, unlike S3. */
    ignoresSha256?: boolean;
  };
};

declare module 'vitest' {
  interface ProvidedContext {
    service: Service;
  }
}

/** A token of whom `sub` names, good for ten minutes. */
export const tokenOf = (sub: string): string =>
  makeToken({ claims: { sub, exp: inSeconds(600) }, secret: inject('service').jwtSecret });

export const storeClient = (): S3Client => {
  const { endpoint, region, keys } = inject('service').s3;
  return new S3Client({ endpoint, region, credentials: keys, forcePathStyle: true });
};

/** Keys in the bucket that name the image. */
export async function keysOf(id: string): Promise<string[]> {
  const s3 = storeClient();
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: inject('service').s3.bucket }));
  s3.destroy();
  return Contents.flatMap(({ Key }) => (Key?.includes(id) ? [Key] : []));
}
