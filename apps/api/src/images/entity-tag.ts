import { createHash } from 'node:crypto';
import type { ImageDocument } from './schemas.ts';

/** A strong tag: another for every document that differs in a byte, a fresh link included. */
export const entityTag = (image: ImageDocument): string =>
  `"${createHash('sha256').update(JSON.stringify(image)).digest('base64url').slice(0, 22)}"`;

/** Whether an If-Match header names the tag. It compares strongly: a weak tag names nothing (RFC 9110, section 13.1.1). */
export const matchesStrongly = (header: string, etag: string): boolean =>
  header.split(',').some((item) => ['*', etag].includes(item.trim()));

/** Whether an If-None-Match header names the tag. It compares weakly (RFC 9110, section 13.1.2). */
export const matches = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((item) => ['*', etag].includes(item.trim().replace(/^W\//, '')));
