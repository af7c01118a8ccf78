import type { S3Client } from '@aws-sdk/client-s3';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { DbConnection } from '@s3-image-app/db';
import type { Logger } from '@s3-image-app/runtime';
import Fastify, { type FastifyBaseLogger, LogController } from 'fastify';
import type { Config } from './config.ts';
import { formSigner } from './images/form-signer.ts';
import { bucketUrlOf, createLinks } from './images/links.ts';
import { imageRoutes } from './images/routes.ts';
import { watchStatuses } from './images/watch-statuses.ts';
import { auth } from './plugins/auth.ts';
import { answerBrokenRequest } from './plugins/broken-request.ts';
import { crossOrigin } from './plugins/cors.ts';
import { health } from './plugins/health.ts';
import { lateLogger } from './plugins/late-logger.ts';
import { noteMethods } from './plugins/method-not-allowed.ts';
import { metrics } from './plugins/metrics.ts';
import { openapi } from './plugins/openapi.ts';
import { ownRefusals } from './plugins/own-refusals.ts';
import { page } from './plugins/page.ts';
import { answerUnroutable, problemDetails } from './plugins/problem-details.ts';
import { limitAddresses, limitCallers } from './plugins/rate-limits.ts';
import { requestLog } from './plugins/request-log.ts';
import { securityHeaders } from './plugins/security-headers.ts';
import { connectSharedCounts } from './plugins/shared-counts.ts';
import { traceId } from './plugins/trace-id.ts';
import { schemaErrorFormatter, validatorCompiler } from './plugins/validation.ts';
import type { App } from './types.ts';

export type AppDeps = {
  config: Config;
  db: DbConnection;
  s3: S3Client;
  /** Signs for the endpoint that browsers see; the same as `s3` where there is only one. */
  browserS3: S3Client;
  logger: Logger;
};

/** Bytes. Our JSON bodies are small; the images themselves never come this way. */
const BODY_LIMIT = 64 * 1024;

/**
 * Milliseconds for a request to arrive whole: slow ones must not hold connections for ever, but 5 MiB from a phone
 * at half a megabit a second must come through.
 */
const REQUEST_TIMEOUT = 90_000;

/** Milliseconds that an idle connection stays. Longer than a load balancer's (60 s), or it would use a closed one. */
const KEEP_ALIVE = 72_000;

/**
 * The API as a Fastify app that does not listen yet. It opens and closes nothing of `deps`.
 */
export async function buildApp(deps: AppDeps): Promise<App> {
  const { config, db, s3, browserS3 } = deps;
  const place = {
    bucket: config.S3_BUCKET,
    region: config.AWS_REGION,
    endpoint: config.S3_PUBLIC_ENDPOINT ?? config.S3_ENDPOINT,
  };
  const links = createLinks(browserS3, { ...place, publicBaseUrl: config.PUBLIC_BASE_URL });
  const signer = formSigner(browserS3, bucketUrlOf(browserS3, place));

  const app: App = Fastify({
    loggerInstance: deps.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'traceId' }),
    childLoggerFactory: lateLogger,
    genReqId: traceId,
    bodyLimit: BODY_LIMIT,
    trustProxy: trustProxy(config.TRUST_PROXY),
    requestTimeout: REQUEST_TIMEOUT,
    // `ownRefusals` looks for it, and answers.
    http: { requireHostHeader: false },
    keepAliveTimeout: KEEP_ALIVE,
    // Whoever comes while we close is served still: Fastify's own refusal would be no problem document.
    return503OnClosing: false,
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: answerUnroutable as never,
    // The longest parameter is an entity's id.
    routerOptions: { maxParamLength: 200 },
    schemaErrorFormatter,
  });
  const statuses = watchStatuses(db.db, deps.logger);
  // Requests that wait are let go first, or the server would wait for them.
  app.addHook('preClose', async () => statuses.close());
  app.setValidatorCompiler(validatorCompiler);
  // JSON and nothing else; and nothing at all from those who name its type with every request.
  app.removeContentTypeParser(['text/plain', 'application/json']);
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null) : parseJson(request, body, done),
  );

  await app.register(problemDetails);
  await app.register(ownRefusals);
  await app.register(requestLog, { logger: deps.logger });
  await app.register(securityHeaders, { imageOrigins: links.origins });
  await app.register(crossOrigin, { origins: config.ALLOWED_ORIGINS });
  await openapi(app);
  health(app, { db });
  await app.register(metrics, { waiting: () => statuses.waiting });
  if (config.NODE_ENV !== 'production') await page(app);

  const sharedCounts = config.REDIS_URL ? await connectSharedCounts(app, config.REDIS_URL) : undefined;
  await app.register(
    async (scope) => {
      // What is registered here asks for a token; what is not, does not.
      await scope.register(limitAddresses, { config, sharedCounts });
      await scope.register(auth, { config });
      await scope.register(limitCallers, { config, sharedCounts });
      scope.addHook('onRequest', (_request, reply, done) => {
        reply.header('cache-control', 'no-store');
        done();
      });
      const api = scope.withTypeProvider<TypeBoxTypeProvider>();
      const refuseOtherMethods = noteMethods(api);
      await imageRoutes(api, { config, db: db.db, s3, browserS3: signer, links, statuses });
      refuseOtherMethods();
    },
    { prefix: '/api/images' },
  );
  return app;
}

/** Proxies counted from ours on, or known by their addresses. */
const trustProxy = (proxies: Config['TRUST_PROXY']) =>
  typeof proxies === 'number' ? (_address: string, hop: number) => hop < proxies : (proxies ?? false);
