import helmet from '@fastify/helmet';
import fp from 'fastify-plugin';

/** @param imageOrigins where the pages that we serve upload to and show images from, beside this origin */
export const securityHeaders = fp<{ imageOrigins: string[] }>(async (app, { imageOrigins }) => {
  await app.register(helmet, {
    contentSecurityPolicy: {
      // Ours alone: the defaults would turn a local endpoint's http into https.
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'blob:', 'data:', ...imageOrigins],
        connectSrc: ["'self'", ...imageOrigins],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    // For this host alone: others below its name may not have TLS.
    strictTransportSecurity: { maxAge: 365 * 24 * 60 * 60, includeSubDomains: false },
    // The bucket shows public images to pages whose origin it knows, so that much must be told.
    referrerPolicy: { policy: 'strict-origin-when-cross-origin' },
  });
});
