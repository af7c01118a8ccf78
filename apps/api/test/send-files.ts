import { bearer } from './api.ts';

export type Part = [name: string, value: string | Blob, filename?: string];

export const fileOf = (bytes: Uint8Array | string, type = 'image/jpeg'): Blob =>
  new Blob([bytes as BlobPart], { type });

/** Sends a form with files to the API that listens at `address`, as alice. */
export async function sendFiles(
  address: string,
  path: 'upload' | 'upload-many',
  parts: Part[],
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; body: Awaited<ReturnType<Response['json']>> }> {
  const body = new FormData();
  for (const [name, value, filename] of parts) {
    if (typeof value === 'string') body.append(name, value);
    else body.append(name, value, filename ?? 'photo.jpg');
  }
  const response = await fetch(`${address}/api/images/${path}`, {
    method: 'POST',
    headers: { ...bearer(), ...headers },
    body,
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
