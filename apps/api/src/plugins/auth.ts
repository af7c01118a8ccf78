import jwt from '@fastify/jwt';
import type { Viewer } from '@s3-image-app/db';
import type { FastifyError } from 'fastify';
import fp from 'fastify-plugin';
import type { Config } from '../config.ts';
import { Problem } from '../problems.ts';
import { issuerKeys } from './issuer-keys.ts';

/** Who calls: the token's `sub`, and whether its `role` is `admin`. */
export type Caller = Viewer;

type Claims = { sub: string; role?: unknown };

declare module '@fastify/jwt' {
  interface FastifyJWT {
    payload: Claims;
    user: Caller;
  }
}

/** Milliseconds by which the issuer's clock and ours may differ. */
const CLOCK_TOLERANCE = 5_000;

/** Characters. A `sub` is stored with every image and indexed. */
const MAX_SUBJECT = 255;

/** PostgreSQL's text cannot hold a NUL, nor UTF-8 half of a surrogate pair. */
const UNSTORABLE = /\p{Cc}|\p{Cs}/u;

/**
 * Asks every request of the scope that registers it for a bearer token, and puts the caller on `request.user`.
 *
 * Which algorithms count is decided here and never by the token: with a secret only HS256, with an
 * issuer's public keys only asymmetric ones, so that no public key is ever taken for a secret.
 */
export const auth = fp<{ config: Config }>(async (app, { config }) => {
  await app.register(jwt, {
    secret: { public: config.JWT_JWKS_URL ? issuerKeys(config.JWT_JWKS_URL) : (config.JWT_SECRET ?? '') },
    // The header too, by which the issuer's key is found.
    decode: { complete: true },
    verify: {
      algorithms: config.JWT_JWKS_URL ? ['RS256', 'ES256', 'EdDSA'] : ['HS256'],
      // A claim that is only compared where it is present would be no condition.
      requiredClaims: [
        'exp',
        'sub',
        ...(config.JWT_ISSUER ? ['iss'] : []),
        ...(config.JWT_AUDIENCE ? ['aud'] : []),
      ],
      clockTolerance: CLOCK_TOLERANCE,
      ...(config.JWT_ISSUER ? { allowedIss: config.JWT_ISSUER } : {}),
      ...(config.JWT_AUDIENCE ? { allowedAud: config.JWT_AUDIENCE } : {}),
    },
    trusted: (_request, { sub }) =>
      typeof sub === 'string' && sub !== '' && sub.length <= MAX_SUBJECT && !UNSTORABLE.test(sub),
    formatUser: (claims) => {
      const { sub, role } = claims as Claims;
      return { sub, admin: role === 'admin' };
    },
  });

  app.addHook('onRequest', async (request) => {
    try {
      await request.jwtVerify();
    } catch (error) {
      throw refusal(error as FastifyError);
    }
  });
});

/** The answer to a request whose token is missing or no good (RFC 6750, section 3). */
function refusal(error: FastifyError): Error {
  if (error instanceof Problem) return error;
  switch (error.code) {
    case 'FST_JWT_NO_AUTHORIZATION_IN_HEADER':
      return new Problem('token_missing', 'Send a token: Authorization: Bearer <token>.', {
        headers: { 'www-authenticate': 'Bearer' },
      });
    case 'FST_JWT_AUTHORIZATION_TOKEN_EXPIRED':
      return new Problem('token_expired', 'The token has expired.', {
        headers: { 'www-authenticate': 'Bearer error="invalid_token", error_description="expired"' },
      });
    default:
      // What exactly is wrong with it would help a forger more than a caller.
      return new Problem('token_invalid', 'The token is not valid here.', {
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        cause: error,
      });
  }
}
