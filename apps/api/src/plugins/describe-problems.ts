import type { FastifySchema, RouteOptions } from 'fastify';
import { EXAMPLE_ID } from '../images/schema-parts.ts';
import { PROBLEMS, PROBLEMS_PATH, type ProblemCode } from '../problems.ts';
import { type HeaderName, withHeaders } from './describe-answers.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Codes that the route answers beside those that every route of its kind does. For the documentation. */
    problems?: readonly ProblemCode[];
  }
}

const EVERYWHERE: ProblemCode[] = [
  'bad_request',
  'token_missing',
  'token_invalid',
  'token_expired',
  'rate_limited',
  'headers_too_large',
  'internal_error',
  'database_unavailable',
  'keys_unavailable',
];

/** Whether a body is asked for or not. */
const WITH_BODY: ProblemCode[] = ['request_timeout', 'body_too_large', 'unsupported_media_type'];

const HEADERS: Record<number, HeaderName[]> = {
  401: ['WWW-Authenticate'],
  409: ['Retry-After'],
  429: ['Retry-After'],
  503: ['Retry-After'],
};

/** The codes that a route may answer. */
function codesOf(schema: FastifySchema, route: RouteOptions): ProblemCode[] {
  return [
    ...EVERYWHERE,
    ...(route.method === 'GET' ? [] : WITH_BODY),
    ...(schema.body || schema.querystring || schema.headers ? (['validation_failed'] as const) : []),
    ...(route.url.includes(':id') ? (['image_not_found'] as const) : []),
    ...(route.url.includes(':id') && route.method !== 'GET' ? (['forbidden'] as const) : []),
    ...(route.config?.problems ?? []),
  ];
}

/** The route's schema with an answer for each status that says no, and an example for each code. */
export function describeProblems(schema: FastifySchema, route: RouteOptions): FastifySchema {
  const codes = new Set(codesOf(schema, route));
  const byStatus = Map.groupBy(codes, (code) => PROBLEMS[code].status);
  const answers = [...byStatus].map(([status, some]) => [
    status,
    {
      description: some.map((code) => `\`${code}\`: ${PROBLEMS[code].title}.`).join(' '),
      ...withHeaders(HEADERS[status]),
      content: {
        'application/problem+json': {
          schema: { $ref: '#/components/schemas/Problem' },
          examples: Object.fromEntries(some.map((code) => [code, { value: example(code, route.url) }])),
        },
      },
    },
  ]);
  return { ...schema, response: { ...(schema.response as object), ...Object.fromEntries(answers) } };
}

const example = (code: ProblemCode, instance: string) => ({
  type: `${PROBLEMS_PATH}#${code}`,
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
  detail: PROBLEMS[code].remedy,
  instance,
  code,
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  success: false,
  ...(code === 'validation_failed'
    ? { errors: [{ pointer: '#/size', detail: 'size must be a whole number from 1 to 52428800' }] }
    : {}),
  ...(code === 'image_rejected'
    ? { imageId: EXAMPLE_ID, rejection: { code: 'not_an_image', detail: 'The file is plain text.' } }
    : {}),
  ...(code === 'processing_failed' ? { imageId: EXAMPLE_ID } : {}),
});
