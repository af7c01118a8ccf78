import { resolve } from 'node:path';
import {
  type Environment,
  httpUrl,
  origins,
  postgresUrl,
  readEnv,
  str,
  wholeNumber,
} from '@s3-image-app/runtime';

const port = wholeNumber({ min: 0, max: 65_535 });

type Values = Record<string, unknown>;
const isProduction = ({ NODE_ENV }: Values) => NODE_ENV === 'production';
/** A bucket of one's own needs a queue of one's own: S3 cannot report to a queue on this machine. */
const namesAws = (given: Values) => Boolean(given.S3_BUCKET ?? given.S3_ENDPOINT ?? given.SQS_QUEUE_URL);
const inProductionOrWithAws = (given: Values) => isProduction(given) || namesAws(given);

/** Every variable that `start` reads itself. All others go to the apps as they are. */
export const settings = {
  NODE_ENV: str({ choices: ['development', 'test', 'production'], default: 'development' }),

  DATABASE_URL: postgresUrl({
    default: undefined,
    requiredWhen: isProduction,
    desc: 'PostgreSQL connection string',
  }),
  S3_BUCKET: str({
    default: undefined,
    requiredWhen: inProductionOrWithAws,
    desc: 'bucket that holds the images',
  }),
  AWS_REGION: str({
    default: undefined,
    requiredWhen: inProductionOrWithAws,
    desc: 'region of the bucket and the queue',
  }),
  SQS_QUEUE_URL: str({
    default: undefined,
    requiredWhen: inProductionOrWithAws,
    desc: 'URL of the queue that the bucket reports to',
  }),
  S3_ENDPOINT: httpUrl({ default: undefined, desc: 'S3 endpoint, when it is not AWS' }),
  ALLOWED_ORIGINS: origins({
    default: undefined,
    requiredWhen: isProduction,
    desc: 'origins whose pages may call the API and upload, separated by commas',
  }),

  JWT_SECRET: str({
    default: undefined,
    requiredWhen: (given) => isProduction(given) && !given.JWT_JWKS_URL,
    desc: 'secret that tokens are signed with; or set JWT_JWKS_URL',
  }),
  JWT_JWKS_URL: httpUrl({ default: undefined, desc: "address of the issuer's public keys" }),
  JWT_ISSUER: str({ default: undefined, desc: 'value of the iss claim' }),
  JWT_AUDIENCE: str({ default: undefined, desc: 'value of the aud claim' }),

  HOST: str({ default: undefined, desc: 'address that the API listens on' }),
  PORT: port({ default: 3000, desc: 'port of the API and the page; 0 is any free one' }),
  WORKER_HEALTH_PORT: port({ default: 0, desc: "port of the worker's health check; 0 is any free one" }),
  LOCAL_AWS_PORT: port({ default: 4566, desc: 'port of the local S3 and SQS; 0 is any free one' }),
  LOCAL_PG_PORT: port({ default: 5433, desc: 'port of the local PostgreSQL; 0 is any free one' }),
  DATA_DIR: str({ default: '.data', desc: 'folder for all that the local services keep' }),
};

/** The part of it that tokens are made from. */
const { JWT_SECRET, JWT_JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, DATA_DIR } = settings;
const tokenSettings = { JWT_SECRET, JWT_JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, DATA_DIR };

export type Config = ReturnType<typeof loadConfig>;

/**
 * What to start and where, by the variables' own names. In production every service must be named;
 * elsewhere what is not named is embedded.
 * @throws {ConfigError} with every mistake at once
 */
export const loadConfig = (env: Environment) => {
  const values = readEnv(env, settings);
  return {
    ...values,
    DATA_DIR: resolve(values.DATA_DIR),
    production: isProduction(values),
    /** Bucket and queue are embedded, as PostgreSQL is without DATABASE_URL. */
    embedsAws: !namesAws(values),
  };
};

/** @throws {ConfigError} */
export const loadTokenConfig = (env: Environment) => {
  const values = readEnv(env, tokenSettings);
  return { ...values, DATA_DIR: resolve(values.DATA_DIR) };
};
