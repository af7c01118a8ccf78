import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError, invalidRequest, notImplemented } from '../errors.ts';

/** A running digest. */
export type Digest = { update(chunk: Buffer): void; digest(): Buffer };

const hash = (algorithm: string): Digest => {
  const running = createHash(algorithm);
  return { update: (chunk) => void running.update(chunk), digest: () => running.digest() };
};

const crc = (): Digest => {
  let value = 0;
  return {
    update: (chunk) => {
      value = crc32(chunk, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes;
    },
  };
};

const DIGESTS = new Map([
  ['md5', () => hash('md5')],
  ['sha256', () => hash('sha256')],
  ['sha1', () => hash('sha1')],
  ['crc32', crc],
]);

export const createDigest = (algorithm: string): Digest => {
  const create = DIGESTS.get(algorithm);
  if (!create) throw notImplemented(`the checksum algorithm ${algorithm}`);
  return create();
};

export type Checksum = {
  /** sha256, sha1 or crc32. */
  algorithm: string;
  /** Base64. Absent where the client announces it for the end of the body. */
  value?: string;
};

/** x-amz-checksum-… headers that name a property of the checksum, not an algorithm. */
const NOT_ALGORITHMS = /^x-amz-checksum-(algorithm|mode|type)$/;
const HEADER = /^x-amz-checksum-(.+)$/;

export const checksumHeader = (algorithm: string): string => `x-amz-checksum-${algorithm}`;

/**
 * The checksum that a request's headers (or a form's fields, lower-case) claim.
 * @throws {AwsError} for a value that can't be one, or two of them
 */
export function claimedChecksum(headers: Record<string, string>): Checksum | undefined {
  const trailer = headers['x-amz-trailer']?.toLowerCase();
  const names = [...Object.keys(headers), ...(trailer ? [trailer] : [])].filter(
    (name) => HEADER.test(name) && !NOT_ALGORITHMS.test(name),
  );
  const [name, second] = names;
  if (name === undefined) return undefined;
  if (second !== undefined)
    throw invalidRequest(
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const algorithm = HEADER.exec(name)?.[1] ?? '';
  const length = createDigest(algorithm).digest().length;
  const value = headers[name];
  if (value === undefined) return { algorithm };
  if (
    Buffer.from(value, 'base64').length !== length ||
    Buffer.from(value, 'base64').toString('base64') !== value
  ) {
    throw invalidRequest(`Value for ${name} header is invalid.`);
  }
  return { algorithm, value };
}

/** Content-MD5's 16 bytes. @throws {AwsError} InvalidDigest */
export function claimedMd5(headers: Record<string, string>): Buffer | undefined {
  const value = headers['content-md5'];
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === 16 && bytes.toString('base64') === value) return bytes;
  throw new AwsError(400, 'InvalidDigest', 'The Content-MD5 you specified is not valid.', {
    'Content-MD5': value,
  });
}

export const badDigest = (what: string) =>
  new AwsError(400, 'BadDigest', `The ${what} you specified did not match what we received.`);
