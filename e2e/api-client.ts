import { expect, vi } from 'vitest';

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

export type ApiClient = ReturnType<typeof apiClient>;

/** Speaks to the API at `url` as a client of ours would. */
export function apiClient(url: string) {
  const call = (path: string, init: RequestInit & { token?: string } = {}): Promise<Response> => {
    const { token, ...request } = init;
    const headers = new Headers(request.headers);
    if (token) headers.set('authorization', `Bearer ${token}`);
    return fetch(`${url}${path}`, { ...request, headers });
  };

  const askForForm = async (token: string, body: object): Promise<{ image: Image; upload: Form }> => {
    const response = await call('/api/images/upload', {
      method: 'POST',
      token,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(201);
    return (await response.json()) as { image: Image; upload: Form };
  };

  /** The image once only a caller can still change its status. */
  const untilTerminal = (token: string, id: string): Promise<Image> =>
    vi.waitFor(
      async () => {
        const { image } = (await (await call(`/api/images/${id}`, { token })).json()) as { image: Image };
        expect(image.terminal).toBe(true);
        return image;
      },
      { timeout: 30_000, interval: 100 },
    );

  return { call, askForForm, untilTerminal };
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
