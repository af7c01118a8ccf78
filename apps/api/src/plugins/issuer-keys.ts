import type { TokenOrHeader } from '@fastify/jwt';
import type { FastifyRequest } from 'fastify';
import { type CryptoKey, createRemoteJWKSet, errors, exportSPKI } from 'jose';
import { Problem } from '../problems.ts';

const MINUTE = 60_000;

/** Milliseconds after which the issuer is asked anew, beside the requests: a key that it withdrew is gone by then. */
const REFRESH_AFTER = 10 * MINUTE;

/** Milliseconds for which the last keys are used while the issuer is down. */
const USABLE_FOR = 60 * MINUTE;

/** Milliseconds between two looks for a key that is not known: made-up key ids must not become traffic. */
const COOLDOWN = MINUTE / 2;

/** Milliseconds that a request waits for the issuer, when there are no keys to use. */
const FETCH_TIMEOUT = 1_500;

/** Bits. RS256 is not to be used with a shorter key, which can be factored (RFC 7518, section 3.3). */
const MIN_RSA_BITS = 2048;

/**
 * The issuer's public keys, as @fastify/jwt asks for them: the one that a token's header names, in PEM.
 * They come from the configured address only; whatever address or key a token carries is not looked at.
 */
export function issuerKeys(url: string) {
  const keys = createRemoteJWKSet(new URL(url), {
    cacheMaxAge: USABLE_FOR,
    cooldownDuration: COOLDOWN,
    timeoutDuration: FETCH_TIMEOUT,
  });
  const pems = new WeakMap<CryptoKey, string>();
  const refused = new WeakSet<CryptoKey>();
  let refreshedAt = Date.now();

  return async (request: FastifyRequest, { header }: TokenOrHeader): Promise<string> => {
    if (Date.now() - refreshedAt > REFRESH_AFTER) {
      refreshedAt = Date.now();
      // A failure is no news yet: the keys at hand serve on, and the next round tries again.
      keys.reload().catch(() => {});
    }
    try {
      const key = await keys({ alg: header.alg, kid: header.kid });
      const bits = rsaBits(key);
      if (bits < MIN_RSA_BITS) {
        // Once for each key: the issuer has to mend it, and its tokens keep coming.
        if (!refused.has(key)) request.log.warn({ kid: header.kid, bits }, TOO_SHORT);
        refused.add(key);
        throw new errors.JOSENotSupported(TOO_SHORT);
      }
      const pem = pems.get(key) ?? (await exportSPKI(key));
      pems.set(key, pem);
      return pem;
    } catch (error) {
      if (isAboutTheToken(error)) throw error;
      throw new Problem('keys_unavailable', "The issuer's keys cannot be fetched.", {
        headers: { 'retry-after': '5' },
        cause: error,
      });
    }
  };
}

const TOO_SHORT = `the issuer's RSA key is refused: it has less than ${MIN_RSA_BITS} bits`;

/** How long an RSA key is; keys of other kinds have their length by their algorithm. */
const rsaBits = ({ algorithm }: CryptoKey): number =>
  'modulusLength' in algorithm ? Number(algorithm.modulusLength) : Number.POSITIVE_INFINITY;

const isAboutTheToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;
