import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { S3Client } from '@aws-sdk/client-s3';
import { connectDb, type DbConnection } from '@s3-image-app/db';
import { createLogger } from '@s3-image-app/runtime';
import {
  createTestDatabase,
  createTestStorage,
  type TestDatabase,
  type TestStorage,
} from '@s3-image-app/testkit';
import { createSigner } from 'fast-jwt';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import { buildApp } from '../src/app.ts';
import { type Config, loadConfig } from '../src/config.ts';
import type { App } from '../src/types.ts';

export const SECRET = 'a secret for tests, of more than 32 bytes';

/** Where the pages of the tests live, as their browsers would say. */
export const ORIGIN = 'http://localhost:3000';

export type TestApi = {
  app: App;
  config: Config;
  db: DbConnection;
  database: TestDatabase;
  storage: TestStorage;
  /** Every route that the app has. */
  routes: { method: HTTPMethods; url: string }[];
  stop: () => Promise<void>;
};

/** The whole API on a database and a bucket of its own, not listening. Variables given replace the defaults. */
export async function startApi(variables: Record<string, string> = {}): Promise<TestApi> {
  const [database, storage] = await Promise.all([
    createTestDatabase(),
    createTestStorage({ origins: [ORIGIN] }),
  ]);
  const config = loadConfig({
    NODE_ENV: 'test',
    DATABASE_URL: database.url,
    AWS_REGION: storage.region,
    S3_BUCKET: storage.bucket,
    S3_ENDPOINT: storage.endpoint,
    S3_FORCE_PATH_STYLE: 'true',
    ALLOWED_ORIGINS: ORIGIN,
    JWT_SECRET: SECRET,
    // Tests are in a hurry.
    RATE_LIMIT_PER_MINUTE: '1000000',
    ...variables,
  });
  const db = connectDb(config.DATABASE_URL, { maxConnections: 4 });
  const s3 = new S3Client({
    region: config.AWS_REGION,
    endpoint: config.S3_ENDPOINT ?? '',
    forcePathStyle: true,
    credentials: storage.credentials.api,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 2,
  });
  const routes: TestApi['routes'] = [];
  const noteRoutes = (message: unknown) =>
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url }) => {
      routes.push(...[method].flat().map((one) => ({ method: one as HTTPMethods, url })));
    });
  subscribe('fastify.initialization', noteRoutes);
  const app = await buildApp({
    config,
    db,
    s3,
    browserS3: s3,
    logger: createLogger({ level: 'silent', name: 'api' }),
  });
  unsubscribe('fastify.initialization', noteRoutes);
  return {
    app,
    routes,
    config,
    db,
    database,
    storage,
    stop: async () => {
      await app.close();
      await db.close();
      s3.destroy();
      await Promise.all([database.drop(), storage.remove()]);
    },
  };
}

/** A token of the tests' issuer. `claims` replace or add to a plain caller's. */
export const token = (claims: Record<string, unknown> = {}): string =>
  createSigner({ key: SECRET, algorithm: 'HS256' })({
    sub: 'alice',
    exp: Math.floor(Date.now() / 1000) + 600,
    ...claims,
  });

export const bearer = (claims: Record<string, unknown> = {}) => ({
  authorization: `Bearer ${token(claims)}`,
});
