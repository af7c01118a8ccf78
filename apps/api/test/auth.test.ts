import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSigner } from 'fast-jwt';
import type { JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECRET, startApi, type TestApi, token } from './api.ts';

const soon = () => Math.floor(Date.now() / 1000) + 600;

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** A token made by hand, for what no library would sign. */
const handMade = (header: object, payload: object, secret?: string): string => {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${secret ? createHmac('sha256', secret).update(input).digest('base64url') : ''}`;
};

const HS256 = { alg: 'HS256', typ: 'JWT' };

const ask = (api: TestApi, authorization?: string) =>
  api.app.inject({
    url: '/api/images/entity/product/42',
    headers: authorization === undefined ? {} : { authorization },
  });

describe('with a secret', () => {
  let api: TestApi;
  beforeAll(async () => {
    api = await startApi({ JWT_ISSUER: 'https://login.example', JWT_AUDIENCE: 'images' });
  });
  afterAll(() => api.stop());

  const claims = { sub: 'alice', iss: 'https://login.example', aud: 'images', exp: soon() };

  test('a token of our issuer for our audience is let in', async () => {
    expect((await ask(api, `Bearer ${token(claims)}`)).statusCode).toBe(200);
    expect((await ask(api, `bearer ${token({ ...claims, aud: ['other', 'images'] })}`)).statusCode).toBe(200);
  });

  test.each<[string, () => string | undefined, string]>([
    ['no token', () => undefined, 'token_missing'],
    ['another scheme', () => 'Basic YWxpY2U6c2VjcmV0', 'token_missing'],
    ['no token after the scheme', () => 'Bearer ', 'token_invalid'],
    ['something that is no token', () => 'Bearer hello', 'token_invalid'],
    ['a token that has expired', () => `Bearer ${token({ ...claims, exp: soon() - 660 })}`, 'token_expired'],
    ['a token that never expires', () => `Bearer ${token({ ...claims, exp: undefined })}`, 'token_invalid'],
    [
      'an expiry that is no number',
      () => `Bearer ${handMade(HS256, { ...claims, exp: 'never' }, SECRET)}`,
      'token_invalid',
    ],
    ['a token that is not valid yet', () => `Bearer ${token({ ...claims, nbf: soon() })}`, 'token_invalid'],
    [
      'a token of another issuer',
      () => `Bearer ${token({ ...claims, iss: 'https://evil.example' })}`,
      'token_invalid',
    ],
    ['a token of no issuer', () => `Bearer ${token({ ...claims, iss: undefined })}`, 'token_invalid'],
    ['a token for another audience', () => `Bearer ${token({ ...claims, aud: 'mail' })}`, 'token_invalid'],
    ['a token for no audience', () => `Bearer ${token({ ...claims, aud: undefined })}`, 'token_invalid'],
    ['nobody', () => `Bearer ${token({ ...claims, sub: undefined })}`, 'token_invalid'],
    ['an empty subject', () => `Bearer ${token({ ...claims, sub: '' })}`, 'token_invalid'],
    [
      'a subject that no database can hold',
      () => `Bearer ${token({ ...claims, sub: 'a\u0000' })}`,
      'token_invalid',
    ],
    ['a very long subject', () => `Bearer ${token({ ...claims, sub: 'a'.repeat(256) })}`, 'token_invalid'],
    [
      'another key',
      () => `Bearer ${handMade(HS256, claims, 'another secret of more than 32 bytes')}`,
      'token_invalid',
    ],
    [
      'a longer hash than is allowed',
      () => `Bearer ${createSigner({ key: SECRET, algorithm: 'HS512' })(claims)}`,
      'token_invalid',
    ],
    ['alg none', () => `Bearer ${handMade({ alg: 'none', typ: 'JWT' }, claims)}`, 'token_invalid'],
    ['alg nOnE', () => `Bearer ${handMade({ alg: 'nOnE', typ: 'JWT' }, claims)}`, 'token_invalid'],
    ['no signature', () => `Bearer ${token(claims).replace(/[^.]+$/, '')}`, 'token_invalid'],
    [
      'a changed payload',
      () => `Bearer ${token(claims).replace(/\..+\./, `.${encode({ ...claims, role: 'admin' })}.`)}`,
      'token_invalid',
    ],
  ])('%s is refused with 401', async (_name, authorization, code) => {
    const response = await ask(api, authorization());
    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ status: 401, code, success: false });
    expect(response.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  test('every route but health, metrics, documentation and the page asks for a token', async () => {
    const open = new Set<string>();
    for (const { method, url } of api.routes) {
      // A browser's preflight carries no token; it is answered before any route is.
      if (method === 'OPTIONS') continue;
      const response = await api.app.inject({ method, url: url.replaceAll(/:\w+/g, 'x') });
      if (response.statusCode !== 401) open.add(url);
    }
    const openByIntent = /^\/(healthz|readyz|metrics|openapi\.json|docs(\/.*)?|\w+\.(css|html|js|svg))?$/;
    expect([...open].filter((url) => !openByIntent.test(url))).toEqual([]);
    expect(api.routes.filter(({ url }) => url.startsWith('/api/')).length).toBeGreaterThan(10);
  });
});

describe("with an issuer's public keys", () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed = generateKeyPairSync('ed25519');
  const pem = (key: typeof rsa.privateKey) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const jwk = (key: typeof rsa.publicKey, kid: string, alg: string): JWK => ({
    ...(key.export({ format: 'jwk' }) as JWK),
    kid,
    alg,
    use: 'sig',
  });
  const published = [
    jwk(rsa.publicKey, 'rsa', 'RS256'),
    jwk(ec.publicKey, 'ec', 'ES256'),
    jwk(ed.publicKey, 'ed', 'EdDSA'),
  ];

  let issuer: Server;
  let asked = 0;
  let api: TestApi;
  beforeAll(async () => {
    issuer = createServer((_request, response) => {
      asked += 1;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
    });
    await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
    const { port } = issuer.address() as AddressInfo;
    api = await startApi({ JWT_SECRET: '', JWT_JWKS_URL: `http://127.0.0.1:${port}/jwks.json` });
  });
  afterAll(async () => {
    await api.stop();
    issuer.close();
  });

  const claims = { sub: 'alice', exp: soon() };

  test.each([
    ['RS256', 'rsa', rsa.privateKey],
    ['ES256', 'ec', ec.privateKey],
    ['EdDSA', 'ed', ed.privateKey],
  ] as const)('a token signed with %s is let in', async (algorithm, kid, key) => {
    const signed = createSigner({ key: pem(key), algorithm, kid })(claims);
    expect((await ask(api, `Bearer ${signed}`)).statusCode).toBe(200);
  });

  test('the keys are asked for once, not once a token', () => {
    expect(asked).toBe(1);
  });

  test('a public key taken for a secret is refused', async () => {
    const key = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect((await ask(api, `Bearer ${handMade({ ...HS256, kid: 'rsa' }, claims, key)}`)).statusCode).toBe(
      401,
    );
  });

  test.each([
    ['of an unknown key id', { kid: 'other' }],
    ['that brings its own key', { kid: 'rsa', header: { jwk: jwk(ec.publicKey, 'x', 'RS256') } }],
  ])('a token %s is refused', async (_name, { kid, header }: { kid: string; header?: object }) => {
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const sign = createSigner({
      key: pem(stranger.privateKey),
      algorithm: 'RS256',
      kid,
      header: header as never,
    });
    expect((await ask(api, `Bearer ${sign(claims)}`)).statusCode).toBe(401);
  });

  test('without the issuer the keys at hand serve on, and without keys the answer is 503', async () => {
    const key = pem(ec.privateKey);
    const signed = createSigner({ key, algorithm: 'ES256', kid: 'ec' })(claims);
    const lonely = await startApi({ JWT_SECRET: '', JWT_JWKS_URL: 'http://127.0.0.1:9/jwks.json' });
    try {
      const response = await ask(lonely, `Bearer ${signed}`);
      expect(response.statusCode).toBe(503);
      expect(response.json().code).toBe('keys_unavailable');
      expect(response.headers['retry-after']).toBeDefined();
    } finally {
      await lonely.stop();
    }
    issuer.close();
    issuer.closeAllConnections();
    expect((await ask(api, `Bearer ${signed}`)).statusCode).toBe(200);
  });
});
