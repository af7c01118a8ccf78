import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { createSigner } from 'fast-jwt';
import Fastify from 'fastify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../config.ts';
import { auth } from './auth.ts';
import { problemDetails } from './problem-details.ts';

const keys = [1024, 2047, 2048].map((bits) => ({
  kid: `of ${bits} bits`,
  ...generateKeyPairSync('rsa', { modulusLength: bits }),
}));

const issuer = createServer((_request, response) => {
  const published = keys.map(({ kid, publicKey }) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid,
    alg: 'RS256',
  }));
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
});
beforeAll(() => once(issuer.listen(0, '127.0.0.1'), 'listening'));
afterAll(() => issuer.close());

const lines: string[] = [];
const sink = new Writable({
  write(line, _encoding, done) {
    lines.push(String(line));
    done();
  },
});

test('an RSA key of the issuer is of no use below 2048 bits, and the log says once which it is', async () => {
  const app = Fastify({ logger: { level: 'warn', stream: sink } });
  await app.register(problemDetails);
  const JWT_JWKS_URL = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/jwks.json`;
  await app.register(auth, { config: { JWT_JWKS_URL } as Config });
  app.get('/', async (request) => request.user.sub);

  const claims = { sub: 'alice', exp: Math.floor(Date.now() / 1000) + 600 };
  const answers = await Promise.all(
    // Each twice.
    [...keys, ...keys].map(({ kid, privateKey }) => {
      const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      const signed = createSigner({ key, algorithm: 'RS256', kid })(claims);
      return app.inject({ url: '/', headers: { authorization: `Bearer ${signed}` } });
    }),
  );
  await app.close();

  expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 200, 401, 401, 200]);
  expect(answers[0]?.json().code).toBe('token_invalid');
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { kid: 'of 1024 bits', bits: 1024 },
    { kid: 'of 2047 bits', bits: 2047 },
  ]);
  // The start of every token.
  expect(lines.join()).not.toContain('eyJ');
});
