import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { claimImage, getImage, type Image, type Rendered, settleReady } from '@s3-image-app/db';
import { renditionKey } from '@s3-image-app/infra';
import { bearer, type TestApi } from './api.ts';

/** Asks for a form as `sub`, and answers the body of a 201. */
export async function issue(api: TestApi, body: object = {}, sub = 'alice') {
  const response = await api.app.inject({
    method: 'POST',
    url: '/api/images/upload',
    headers: bearer({ sub }),
    payload: { contentType: 'image/jpeg', ...body },
  });
  if (response.statusCode !== 201) throw new Error(`no form: ${response.body}`);
  return response.json();
}

/** Posts a form with a file, as a browser does. `changes` replace fields; undefined removes one. */
export function post(
  form: { url: string; fields: Record<string, string> },
  file: Blob,
  changes: Record<string, string | undefined> = {},
): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries({ ...form.fields, ...changes })) {
    if (value !== undefined) body.append(name, value);
  }
  body.append('file', file);
  return fetch(form.url, { method: 'POST', body });
}

/** Does what the worker does to an image, with any bytes as renditions. */
export async function makeReady(api: Pick<TestApi, 'db' | 'storage'>, id: string): Promise<Image> {
  const claimed = await claimImage(api.db.db, id, 60);
  if (!claimed) throw new Error(`${id} cannot be claimed`);
  const rendered: Rendered = {
    s3Key: renditionKey(claimed),
    width: 1600,
    height: 1200,
    sizeBytes: 5,
    variants: [{ s3Key: renditionKey(claimed, 320), width: 320, height: 240, sizeBytes: 5 }],
    thumbhash: '1QcSHQRnh493V4dIh4eXh1h4kJUI',
    placeholder: 'data:image/webp;base64,UklGRg==',
    removedMetadata: ['gps', 'camera'],
  };
  for (const Key of [rendered.s3Key, ...rendered.variants.map(({ s3Key }) => s3Key)]) {
    await api.storage.s3.send(
      new PutObjectCommand({ Bucket: api.storage.bucket, Key, Body: 'bytes', ContentType: 'image/webp' }),
    );
  }
  const ready = await settleReady(api.db.db, claimed, rendered);
  if (!ready) throw new Error(`${id} moved on`);
  return ready;
}

export const rowOf = (api: TestApi, id: string) => getImage(api.db.db, id);

/** Keys of all objects in the bucket that belong to an image. */
export async function objectsOf(api: TestApi, id: string): Promise<string[]> {
  const { Contents = [] } = await api.storage.s3.send(
    new ListObjectsV2Command({ Bucket: api.storage.bucket }),
  );
  return Contents.flatMap(({ Key }) => (Key?.includes(id) ? [Key] : []));
}
