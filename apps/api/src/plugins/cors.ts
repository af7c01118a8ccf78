import cors from '@fastify/cors';
import fp from 'fastify-plugin';

/** Seconds that a browser need not ask again; Chrome takes at most two hours. */
const MAX_AGE = 7_200;

/** Lets pages of the allowed origins call the API, and no other's. No cookies: the token is all that counts. */
export const crossOrigin = fp<{ origins: string[] }>(async (app, { origins }) => {
  await app.register(cors, {
    origin: origins,
    methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: [
      'Authorization',
      'Content-Type',
      'Idempotency-Key',
      'If-Match',
      'If-None-Match',
      // Readers of event streams send it when they come again.
      'Last-Event-ID',
      'Prefer',
      'traceparent',
    ],
    exposedHeaders: [
      'ETag',
      'Idempotent-Replayed',
      'Link',
      'Location',
      'Preference-Applied',
      'Retry-After',
      'WWW-Authenticate',
    ],
    maxAge: MAX_AGE,
    // Any OPTIONS is answered, not only a browser's preflight.
    strictPreflight: false,
  });
});
