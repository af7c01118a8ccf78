import type { IncomingMessage } from 'node:http';
import { isDatabaseUnavailable, queryCause } from '@s3-image-app/db';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { PROBLEMS, PROBLEMS_PATH, Problem, type ProblemCode } from '../problems.ts';

/** Seconds after which a dependency that was down is worth another try. */
const RETRY_SECONDS = '5';

/** Fastify's own refusals that deserve a code of their own. */
const FASTIFY_CODES: Record<string, ProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
};

/** Answers every error as RFC 9457 problem details, from one table of codes. */
export const problemDetails = fp(async (app) => {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const problem = toProblem(error);
    if (problem.status >= 500) {
      request.log.error({ err: queryCause(problem.cause ?? problem), code: problem.code }, problem.message);
    }
    // Fastify closes the connection to whoever still sends, who then often sees it break in place of the answer. Node
    // reads on and drops what comes, for as long as a request may take.
    if (problem.code === 'body_too_large') reply.removeHeader('connection');
    return sendProblem(request, reply, problem);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      request,
      reply,
      unroutable.get(request.raw) ??
        new Problem('not_found', `${request.method} ${pathOf(request)} is not a route of this API.`),
    ),
  );
});

/** What stands against the addresses of requests that the router has not found a way for. */
const unroutable = new WeakMap<IncomingMessage, Problem>();

/** An address that the router can read, and that no route has. */
const NOWHERE = '/unroutable';

/**
 * Answers a request whose address the router cannot read, which has come past every plugin: by another one it goes
 * through all of them, and so is answered with their headers, to a browser's preflight as well, counted and logged.
 */
export function answerUnroutable(error: FastifyError, { raw, server }: FastifyRequest, reply: FastifyReply) {
  unroutable.set(raw, toProblem(error));
  server.routing(Object.assign(raw, { originalUrl: raw.url, url: NOWHERE }), reply.raw);
}

/** Writes the problem as the answer to the request. */
export const sendProblem = (request: FastifyRequest, reply: FastifyReply, problem: Problem) =>
  reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .send(
      JSON.stringify({
        type: `${PROBLEMS_PATH}#${problem.code}`,
        title: PROBLEMS[problem.code].title,
        status: problem.status,
        detail: problem.message,
        instance: pathOf(request),
        code: problem.code,
        traceId: request.id,
        success: false,
        errors: problem.errors,
        ...problem.members,
      }),
    );

const pathOf = (request: FastifyRequest): string => request.originalUrl.split('?', 1)[0] ?? '/';

function toProblem(error: FastifyError): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseUnavailable(error)) {
    return new Problem('database_unavailable', 'The database does not answer.', {
      headers: { 'retry-after': RETRY_SECONDS },
      cause: error,
    });
  }
  if (isStorageUnavailable(error)) return storageUnavailable(error);
  // Fastify's own 4xx messages speak of the request and hold nothing internal.
  const { statusCode = 500 } = error;
  if (statusCode >= 400 && statusCode < 500) {
    return new Problem(FASTIFY_CODES[error.code] ?? 'bad_request', error.message, { cause: error });
  }
  return new Problem('internal_error', 'The request could not be completed.', { cause: error });
}

/** What failed because S3 could not be reached: worth another try later. */
export const storageUnavailable = (cause: unknown): Problem =>
  new Problem('storage_unavailable', 'The storage does not answer.', {
    headers: { 'retry-after': RETRY_SECONDS },
    cause,
  });

/** An error of the AWS SDK that another try may not meet: no answer, a server error, throttling, no credentials. */
function isStorageUnavailable(error: Error): boolean {
  if (error.name === 'CredentialsProviderError') return true;
  if (!('$metadata' in error)) return false;
  const { httpStatusCode: status } = error.$metadata as { httpStatusCode?: number };
  return status === undefined || status === 429 || status >= 500;
}
