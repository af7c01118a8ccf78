import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { ProblemDocument } from '../problem-document.ts';
import { PROBLEMS_PATH, problemsPage } from '../problems.ts';
import type { App } from '../types.ts';
import { describeAnswers } from './describe-answers.ts';
import { describeProblems } from './describe-problems.ts';

/** OpenAPI 3.1 from the routes' schemas at /openapi.json, a page that shows it at /docs, the problems beside it. */
export async function openapi(app: App): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 's3-image-app',
        version: '1.0.0',
        license: { name: 'MIT', identifier: 'MIT' },
        description:
          'Ask for a form, post the image straight to S3, read the image until it is `ready`. ' +
          `Errors are problem details (RFC 9457); their codes are explained at [${PROBLEMS_PATH}](${PROBLEMS_PATH}).`,
      },
      // Where the document comes from.
      servers: [{ url: '/' }],
      components: {
        schemas: { Problem: ProblemDocument as object },
        securitySchemes: { token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      },
      security: [{ token: [] }],
    },
    transform: ({ schema, url, route }) => ({
      schema: schema?.hide ? schema : describeProblems(describeAnswers(schema ?? {}, route), route),
      url,
    }),
  });
  app.get('/openapi.json', { schema: { hide: true } }, (_request, reply) => reply.send(app.swagger()));

  const problems = problemsPage();
  app.get(PROBLEMS_PATH, { schema: { hide: true } }, (_request, reply) =>
    reply.type('text/markdown; charset=utf-8').send(problems),
  );

  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { deepLinking: true, persistAuthorization: false },
    staticCSP: {
      'default-src': "'none'",
      'script-src': "'self'",
      // The page sets styles on its elements.
      'style-src': "'self' 'unsafe-inline'",
      'img-src': "'self' data:",
      'font-src': "'self'",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'frame-ancestors': "'none'",
    },
  });
}
