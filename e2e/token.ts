import { createHmac } from 'node:crypto';

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT of any claims, algorithm and key, right or wrong. */
export function makeToken(options: { claims: object; secret: string; alg?: 'HS256' | 'none' }): string {
  const { claims, secret, alg = 'HS256' } = options;
  const content = `${base64url({ alg, typ: 'JWT' })}.${base64url(claims)}`;
  const signature = alg === 'none' ? '' : createHmac('sha256', secret).update(content).digest('base64url');
  return `${content}.${signature}`;
}

/** Seconds since 1970, as claims count them. */
export const inSeconds = (fromNow: number): number => Math.floor(Date.now() / 1000) + fromNow;
