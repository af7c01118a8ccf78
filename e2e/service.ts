import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { expect, inject, vi } from 'vitest';
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
  };
};

declare module 'vitest' {
  interface ProvidedContext {
    service: Service;
  }
}

export type Image = {
  id: string;
  status: string;
  terminal: boolean;
  s3Key: string;
  url: string;
  width: number;
  height: number;
  sizeBytes: number;
  variants: { s3Key: string; url: string; width: number; height: number }[];
  rejection: { code: string; detail: string } | null;
};

export type Form = { method: string; url: string; fields: Record<string, string>; expiresAt: string };

/** A token of somebody whom no other test knows, unless `sub` names one. */
export const tokenOf = (sub: string): string =>
  makeToken({ claims: { sub, exp: inSeconds(600) }, secret: inject('service').jwtSecret });

export const callApi = (path: string, init: RequestInit & { token?: string } = {}): Promise<Response> => {
  const { token, ...request } = init;
  const headers = new Headers(request.headers);
  if (token) headers.set('authorization', `Bearer ${token}`);
  return fetch(`${inject('service').url}${path}`, { ...request, headers });
};

/** Asks for a form as a JSON client does. */
export async function askForForm(token: string, body: object): Promise<{ image: Image; upload: Form }> {
  const response = await callApi('/api/images/upload', {
    method: 'POST',
    token,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(response.status).toBe(201);
  return (await response.json()) as { image: Image; upload: Form };
}

/** Posts to S3 as a browser's form does: the fields, then the file. */
export function postForm(
  upload: Pick<Form, 'url' | 'fields'>,
  file: Uint8Array<ArrayBuffer>,
): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of Object.entries(upload.fields)) form.append(name, value);
  form.append('file', new Blob([file]), 'upload');
  return fetch(upload.url, { method: 'POST', body: form });
}

/** The image once only a caller can still change its status. */
export async function untilTerminal(token: string, id: string): Promise<Image> {
  return vi.waitFor(
    async () => {
      const response = await callApi(`/api/images/${id}`, { token });
      const { image } = (await response.json()) as { image: Image };
      expect(image.terminal).toBe(true);
      return image;
    },
    { timeout: 30_000, interval: 100 },
  );
}

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
