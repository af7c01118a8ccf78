import { createHash } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from './sha256.ts';
import { target } from './storage.ts';
import type { Keys } from './target.ts';

export type SignedRequest = {
  method: string;
  /** Percent-encoded, from the bucket on. */
  path: string;
  query?: Record<string, string>;
  /** Signed with the request. */
  headers?: Record<string, string>;
  /** Sent beside what was signed. */
  unsigned?: Record<string, string>;
  body?: string;
  /** x-amz-content-sha256; the body's hash when absent. */
  payloadHash?: string;
  signedAt?: Date;
  keys?: Keys;
};

const signerOf = (keys: Keys) =>
  new SignatureV4({
    service: 's3',
    region: target.region,
    credentials: keys,
    sha256: Sha256,
    uriEscapePath: false,
  });

const endpoint = new URL(target.endpoint);

/** Sends a request signed in its Authorization header, which may lie about anything. */
export async function send(request: SignedRequest): Promise<Response> {
  const { method, path, query = {}, headers = {}, unsigned = {}, body, keys = target.root } = request;
  const payloadHash =
    request.payloadHash ??
    createHash('sha256')
      .update(body ?? '')
      .digest('hex');
  const signed = await signerOf(keys).sign(
    {
      method,
      protocol: endpoint.protocol,
      hostname: endpoint.hostname,
      path: `/${path}`,
      query,
      headers: { host: endpoint.host, 'x-amz-content-sha256': payloadHash, ...headers },
    },
    request.signedAt ? { signingDate: request.signedAt } : {},
  );
  return fetch(addressOf(path, query), {
    method,
    headers: { ...signed.headers, ...unsigned },
    ...(body === undefined ? {} : { body }),
  });
}

/** A presigned URL. */
export async function presign(
  request: Pick<SignedRequest, 'method' | 'path' | 'query' | 'signedAt' | 'keys'> & { expiresIn?: number },
): Promise<string> {
  const signed = await signerOf(request.keys ?? target.root).presign(
    {
      method: request.method,
      protocol: endpoint.protocol,
      hostname: endpoint.hostname,
      path: `/${request.path}`,
      query: request.query ?? {},
      headers: { host: endpoint.host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    },
    {
      expiresIn: request.expiresIn ?? 300,
      ...(request.signedAt ? { signingDate: request.signedAt } : {}),
    },
  );
  return addressOf(request.path, signed.query as Record<string, string>);
}

const addressOf = (path: string, query: Record<string, string>): string => {
  const text = Object.entries(query)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return `${target.endpoint}/${path}${text === '' ? '' : `?${text}`}`;
};
