import { createHash } from 'node:crypto';
import type { ImageDocument } from './answer-schemas.ts';

const digest = (part: unknown): string =>
  createHash('sha256').update(JSON.stringify(part)).digest('base64url').slice(0, 22);

/**
 * A strong tag: another for every document that differs in a byte. Its first part stands for all but the addresses, its
 * second for these, which of a private image are signed anew after a while though nobody has changed it.
 */
export function entityTag(image: ImageDocument): string {
  const bare = {
    ...image,
    url: null,
    variants: image.variants.map((variant) => ({ ...variant, url: null })),
  };
  const addresses = [image.url, ...image.variants.map(({ url }) => url)];
  return `"${digest(bare)}.${digest(addresses)}"`;
}

/**
 * Whether an If-Match header names the image as it is, by whatever addresses: those are no change that a caller could
 * overwrite. It compares strongly: a weak tag names nothing (RFC 9110, section 13.1.1).
 */
export const namesVersion = (header: string, etag: string): boolean =>
  header
    .split(',')
    .map((item) => item.trim())
    .some((item) => item === '*' || (item.endsWith('"') && versionOf(item) === versionOf(etag)));

const versionOf = (etag: string): string => etag.split('.', 1)[0] ?? etag;

/** Whether an If-None-Match header names the tag. It compares weakly (RFC 9110, section 13.1.2). */
export const matches = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((item) => ['*', etag].includes(item.trim().replace(/^W\//, '')));
