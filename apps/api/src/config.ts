import { isIP } from 'node:net';
import {
  type Environment,
  httpUrl,
  origins,
  readEnv,
  redisUrl,
  secret,
  serviceSettings,
  str,
  wholeNumber,
} from '@s3-image-app/runtime';

const MIB = 1024 * 1024;
const HOUR = 60 * 60;

/** Bytes: an HS256 key shorter than the hash can be guessed faster than the hash can be broken (RFC 7518, 3.2). */
const MIN_SECRET_BYTES = 32;

/** Every variable that the API reads. `.env.example` lists them, and a test compares the two. */
export const settings = {
  ...serviceSettings,
  S3_PUBLIC_ENDPOINT: httpUrl({
    default: undefined,
    desc: 'S3 endpoint as browsers see it, when it differs from S3_ENDPOINT',
    example: 'https://s3.example.com',
  }),
  PUBLIC_BASE_URL: httpUrl({
    default: undefined,
    desc: "address of public images, when it is not the bucket's own: a CDN's, say",
    example: 'https://img.example.com',
  }),
  ALLOWED_ORIGINS: origins({
    desc: 'origins whose pages may call the API and upload, separated by commas',
    example: 'https://app.example.com,https://admin.example.com',
  }),

  JWT_SECRET: secret({ minBytes: MIN_SECRET_BYTES })({
    default: undefined,
    requiredWhen: ({ JWT_JWKS_URL }) => JWT_JWKS_URL === undefined,
    desc: `secret that tokens are signed with (HS256), at least ${MIN_SECRET_BYTES} bytes; or set JWT_JWKS_URL`,
    example: 'the output of: openssl rand -base64 48',
  }),
  JWT_JWKS_URL: httpUrl({
    default: undefined,
    desc: "address of the issuer's public keys (RS256, ES256, EdDSA); or set JWT_SECRET",
    example: 'https://login.example.com/.well-known/jwks.json',
  }),
  JWT_ISSUER: str({
    default: undefined,
    desc: 'required value of the iss claim',
    example: 'https://login.example.com/',
  }),
  JWT_AUDIENCE: str({ default: undefined, desc: 'required value of the aud claim', example: 'images' }),

  PORT: wholeNumber({ min: 0, max: 65_535 })({ default: 3000, desc: 'port to listen on; 0 is any free one' }),
  HOST: str({
    default: undefined,
    desc: 'address to listen on; by default 127.0.0.1, and 0.0.0.0 in production',
  }),

  MAX_UPLOAD_BYTES: wholeNumber({ min: 1, max: 5 * 1024 * MIB })({
    default: 50 * MIB,
    desc: 'largest original that a form allows, in bytes',
  }),
  MAX_MULTIPART_BYTES: wholeNumber({ min: 1, max: 100 * MIB })({
    default: 5 * MIB,
    desc: 'largest file that may come through the API itself as multipart/form-data, in bytes',
  }),
  FORM_TTL_SECONDS: wholeNumber({ min: 30, max: 12 * HOUR })({
    default: 300,
    desc: 'seconds that an upload form is valid',
  }),
  URL_TTL_SECONDS: wholeNumber({ min: 60, max: 7 * 24 * HOUR })({
    default: HOUR,
    desc: "seconds that a private image's link is valid",
  }),
  MAX_PENDING_PER_OWNER: wholeNumber({ min: 1, max: 100_000 })({
    default: 100,
    desc: 'unused upload forms that one caller may hold',
  }),
  MAX_BYTES_PER_OWNER: wholeNumber({ min: 1 })({
    default: undefined,
    desc: 'bytes that one caller may hold, unused forms counted in full; by default any number',
  }),
  RATE_LIMIT_PER_MINUTE: wholeNumber({ min: 1 })({
    default: 1200,
    desc: 'requests a minute of one caller; an address may make ten times as many',
  }),
  REDIS_URL: redisUrl({
    default: undefined,
    desc: 'Redis in which API processes count requests together; by default each counts by itself',
    example: 'rediss://user:password@redis.example.com:6379',
  }),
  TRUST_PROXY: str({
    default: undefined,
    desc: 'proxies whose X-Forwarded-For counts: how many there are, or their addresses; by default none',
    example: '10.0.0.0/8',
  }),
};

export type Config = ReturnType<typeof loadConfig>;

/**
 * The API's configuration, by the variables' own names.
 * @throws {ConfigError} with every mistake at once
 */
export const loadConfig = (env: Environment) => {
  const values = readEnv(env, settings, ({ JWT_SECRET, JWT_JWKS_URL, TRUST_PROXY }) => [
    ...(JWT_SECRET && JWT_JWKS_URL
      ? ['JWT_SECRET and JWT_JWKS_URL are both set: keep one, tokens are signed one way and not two']
      : []),
    ...(TRUST_PROXY === undefined || trustedProxies(TRUST_PROXY) !== undefined
      ? []
      : [`TRUST_PROXY must be a number of proxies, or addresses such as 10.0.0.0/8, not "${TRUST_PROXY}"`]),
  ]);
  return {
    ...values,
    TRUST_PROXY: values.TRUST_PROXY === undefined ? undefined : trustedProxies(values.TRUST_PROXY),
    HOST: values.HOST ?? (values.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1'),
  };
};

/** "true" is no answer: whoever may write X-Forwarded-For chooses the address that is counted. */
function trustedProxies(input: string): number | string[] | undefined {
  if (/^\d{1,2}$/.test(input)) return Number(input);
  const addresses = input.split(',').map((item) => item.trim());
  return addresses.every((address) => {
    const [host = '', bits, ...rest] = address.split('/');
    return isIP(host) !== 0 && rest.length === 0 && (bits === undefined || /^\d{1,3}$/.test(bits));
  })
    ? addresses
    : undefined;
}
