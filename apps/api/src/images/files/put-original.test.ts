import { createTestStorage } from '@s3-image-app/testkit';
import { expect, test } from 'vitest';
import type { Config } from '../../config.ts';
import { putOriginal } from './put-original.ts';

test('a file that has gone with its caller is an error of this upload, not of the process', async () => {
  const { s3, bucket, remove } = await createTestStorage();
  try {
    const deps = { s3, config: { S3_BUCKET: bucket } as Config };
    const image = { id: crypto.randomUUID(), contentType: 'image/png' };
    const gone = { path: '/nowhere/0', size: 1, sha256: 'bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=' };
    await expect(putOriginal(deps, image, gone)).rejects.toMatchObject({ code: 'storage_unavailable' });
  } finally {
    await remove();
  }
});
