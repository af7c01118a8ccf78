import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { quarantineKey } from '@s3-image-app/infra';
import type { Bucket } from './bucket.ts';

/** Removes objects; those that aren't there count as removed. */
export async function deleteObjects({ s3, name: Bucket }: Bucket, keys: Iterable<string>): Promise<void> {
  await Promise.all([...keys].map((Key) => s3.send(new DeleteObjectCommand({ Bucket, Key }))));
}

export const deleteOriginal = (bucket: Bucket, id: string): Promise<void> =>
  deleteObjects(bucket, [quarantineKey(id)]);
