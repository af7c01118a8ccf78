import type { FastifySchema, RouteOptions } from 'fastify';

/** What the documentation says of each header that answers carry. */
const HEADERS = {
  ETag: {
    type: 'string',
    description: 'strong tag of the image as it is here, for If-None-Match and If-Match',
  },
  'Idempotent-Replayed': {
    type: 'string',
    enum: ['true'],
    description: 'there if this Idempotency-Key has been served before: nothing new was made',
  },
  Link: { type: 'string', description: 'the next page, as `<address>; rel="next"`; missing on the last' },
  Location: { type: 'string', description: 'path of the image' },
  'Preference-Applied': {
    type: 'string',
    description: '`wait=N`: the seconds that the answer was held at most',
  },
  'Retry-After': {
    type: 'integer',
    description: 'seconds after which it is worth to ask again; missing where nothing will change by itself',
  },
  'WWW-Authenticate': { type: 'string', description: '`Bearer`, and what is wrong with the token' },
} as const;

export type HeaderName = keyof typeof HEADERS;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route's good answers mean, by status, and the headers that they carry. For the documentation. */
    answers?: Record<number, { description: string; headers?: readonly HeaderName[] }>;
  }
}

/** The part of an answer's description that tells its headers. */
export const withHeaders = (names: readonly HeaderName[] = []) =>
  names.length > 0 ? { headers: Object.fromEntries(names.map((name) => [name, HEADERS[name]])) } : {};

/** The route's schema with what its good answers mean. */
export function describeAnswers(schema: FastifySchema, { config }: RouteOptions): FastifySchema {
  const given = (schema.response ?? {}) as Record<string, object>;
  const answers = Object.entries(config?.answers ?? {}).map(([status, { description, headers }]) => [
    status,
    { ...given[status], description, ...withHeaders(headers) },
  ]);
  return { ...schema, response: { ...given, ...Object.fromEntries(answers) } };
}
