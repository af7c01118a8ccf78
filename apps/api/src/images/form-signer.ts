import { createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';

/**
 * The client as it is best for signing forms, at half the CPU. For every form `createPresignedPost` copies the client's
 * settings, all sixty-seven, and finds the bucket's address by them: here it is given, and the rest is inherited, which
 * no copy takes along but whoever asks for it gets, as it is by then.
 * @param bucketUrl where the bucket is to browsers, and so where forms are posted
 */
export function formSigner(client: S3Client, bucketUrl: URL): S3Client {
  const config: S3Client['config'] = Object.assign(Object.create(client.config), {
    endpointProvider: () => ({ url: bucketUrl }),
    ignoreConfiguredEndpointUrls: true,
    sha256: Sha256,
  });
  return Object.assign(Object.create(client), { config });
}

/** The SDK asks for HMACs with the same bytes all day, and Node takes longer to make a key of them than for the rest. */
const keys = new WeakMap<Uint8Array, KeyObject>();

function keyOf(secret: Uint8Array): KeyObject {
  const known = keys.get(secret);
  if (known) return known;
  const key = createSecretKey(secret);
  keys.set(secret, key);
  return key;
}

/** SHA-256 or, with a secret, its HMAC: what the SDK asks of a `sha256`. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | Uint8Array) {
    if (secret === undefined) this.#hash = createHash('sha256');
    else this.#hash = createHmac('sha256', typeof secret === 'string' ? secret : keyOf(secret));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}
