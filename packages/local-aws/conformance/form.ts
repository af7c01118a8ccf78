import { createHmac } from 'node:crypto';
import { target } from './storage.ts';
import type { Keys } from './target.ts';

/** A form: its fields in order, and the file with the name it has, if it has one. */
export type FormData = {
  fields: [name: string, value: string][];
  file: Buffer | string;
  filename?: string | undefined;
  /** Fields behind the file. */
  after?: [name: string, value: string][];
};

export type Condition = Record<string, string> | (string | number)[];

export type PolicyOptions = {
  conditions?: Condition[];
  /** Seconds from now. */
  expiresIn?: number;
  keys?: Keys;
  /** The policy document, in place of the one made of the conditions. */
  document?: string;
  /** The signing fields are given conditions unless this is false. */
  coverSigning?: boolean;
  region?: string;
};

/** The fields that sign a form, as a server that issues forms would make them. */
export function sign(bucket: string, options: PolicyOptions = {}): [string, string][] {
  const { conditions = [], expiresIn = 300, keys = target.root, region = target.region } = options;
  const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const credential = `${keys.accessKeyId}/${now.slice(0, 8)}/${region}/s3/aws4_request`;
  const signing: Record<string, string> = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': credential,
    'x-amz-date': now,
  };
  const covered =
    options.coverSigning === false ? [] : Object.entries(signing).map(([name, value]) => ({ [name]: value }));
  const document =
    options.document ??
    JSON.stringify({
      expiration: new Date(Date.now() + expiresIn * 1000).toISOString(),
      conditions: [{ bucket }, ...covered, ...conditions],
    });
  const policy = Buffer.from(document).toString('base64');
  const signature = [now.slice(0, 8), region, 's3', 'aws4_request', policy].reduce<Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${keys.secretAccessKey}`),
  );
  return [...Object.entries(signing), ['policy', policy], ['x-amz-signature', signature.toString('hex')]];
}

/** A form's bytes, written by hand: the suite also sends forms that no library would make. */
export function encode({ fields, file, filename = 'photo.jpg', after = [] }: FormData): {
  body: Buffer<ArrayBuffer>;
  type: string;
} {
  const boundary = 'conformance-boundary';
  const field = ([name, value]: [string, string]) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\n`;
  return {
    body: Buffer.concat([
      Buffer.from(fields.map(field).join('') + head),
      Buffer.from(file as string),
      Buffer.from(`\r\n${after.map(field).join('')}--${boundary}--\r\n`),
    ]),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

export function post(
  bucket: string,
  form: FormData,
  headers: Record<string, string> = {},
): Promise<Response> {
  const { body, type } = encode(form);
  return fetch(`${target.endpoint}/${bucket}`, {
    method: 'POST',
    body,
    headers: { 'Content-Type': type, ...headers },
    redirect: 'manual',
  });
}

/** Signs a form for one key and posts it. */
export const postSigned = (
  bucket: string,
  key: string,
  file: Buffer | string,
  {
    fields = [],
    headers = {},
    ...options
  }: PolicyOptions & { fields?: [string, string][]; headers?: Record<string, string> } = {},
): Promise<Response> =>
  post(
    bucket,
    {
      fields: [
        ['key', key],
        ...fields,
        ...sign(bucket, { ...options, conditions: [{ key }, ...(options.conditions ?? [])] }),
      ],
      file,
    },
    headers,
  );
