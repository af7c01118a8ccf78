import { ListObjectsV2Command, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { imageIdOfQuarantineKey, PREFIXES, quarantineKey } from '@s3-image-app/infra';
import type { Bucket } from './bucket.ts';

/** Whether something was uploaded for the image. By listing, which answers without doubt where HEAD may say 403. */
export async function originalExists(bucket: Bucket, id: string, signal?: AbortSignal): Promise<boolean> {
  const key = quarantineKey(id);
  const { Contents = [] } = await bucket.s3.send(
    new ListObjectsV2Command({ Bucket: bucket.name, Prefix: key, MaxKeys: 1 }),
    { ...(signal ? { abortSignal: signal } : {}) },
  );
  return Contents[0]?.Key === key;
}

/** Ids of the originals that were uploaded before `before`, a page of the list at a time. */
export async function* listOriginals(bucket: Bucket, { before }: { before: Date }): AsyncGenerator<string[]> {
  const pages = paginateListObjectsV2(
    { client: bucket.s3 },
    { Bucket: bucket.name, Prefix: PREFIXES.quarantine },
  );
  for await (const { Contents = [] } of pages) {
    yield Contents.flatMap(({ Key = '', LastModified }) => {
      const id = imageIdOfQuarantineKey(Key);
      return id && LastModified && LastModified < before ? [id] : [];
    });
  }
}
