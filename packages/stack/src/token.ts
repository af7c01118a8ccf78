import { createSigner } from 'fast-jwt';

export type TokenOptions = {
  secret: string;
  sub: string;
  role?: string | undefined;
  ttlSeconds: number;
  issuer?: string | undefined;
  audience?: string | undefined;
};

/** A JWT (HS256) that the API accepts when it is configured with the same secret. */
export const signToken = ({ secret, sub, role, ttlSeconds, issuer, audience }: TokenOptions): string =>
  createSigner({
    key: secret,
    algorithm: 'HS256',
    expiresIn: ttlSeconds * 1000,
    ...(issuer ? { iss: issuer } : {}),
    ...(audience ? { aud: audience } : {}),
  })({ sub, ...(role ? { role } : {}) });
