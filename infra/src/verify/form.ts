import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import type { Bench } from './bench.ts';
import { CANARY, CANARY_TYPE } from './canary-image.ts';
import { request } from './http.ts';

export type Form = { url: string; fields: Record<string, string> };

/** A form such as the API issues, signed by the API's role: one key, one type, at most as many bytes as the canary has. */
export const makeForm = (
  { api, deployment }: Bench,
  key: string,
  { expiresInSeconds = 300 } = {},
): Promise<Form> =>
  createPresignedPost(api.s3, {
    Bucket: deployment.bucket,
    Key: key,
    Expires: expiresInSeconds,
    Conditions: [['content-length-range', 1, CANARY.length]],
    Fields: { 'Content-Type': CANARY_TYPE, success_action_status: '201' },
  });

/** Sends one of our own forms, and notes that S3 will tell of what it took. */
export async function postForm(bench: Bench, form: Form, options: PostOptions = {}): Promise<Response> {
  const response = await sendForm(form, options);
  if (response.ok && form.fields.key) bench.originals.add(form.fields.key);
  return response;
}

type PostOptions = { file?: Uint8Array; headers?: Record<string, string> };

/** Sends a form as a browser does, the file last. */
export async function sendForm(
  form: Form,
  { file = CANARY, headers = {} }: PostOptions = {},
): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
  body.append('file', new Blob([new Uint8Array(file)], { type: CANARY_TYPE }), 'canary.png');
  return request(form.url, { method: 'POST', body, headers });
}
