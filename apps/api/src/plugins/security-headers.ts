import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import fp from 'fastify-plugin';
import helmet, { type HelmetOptions } from 'helmet';

/** @param imageOrigins where the pages that we serve upload to and show images from, beside this origin */
export const securityHeaders = fp<{ imageOrigins: string[] }>(async (app, { imageOrigins }) => {
  const headers = headersOf({
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
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
});

/** What helmet sets, once and for all: nothing of it depends on the request, and helmet would work it out for each. */
function headersOf(options: HelmetOptions): Record<string, string> {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  helmet(options)(response.req, response, (error) => {
    if (error) throw error;
  });
  return response.getHeaders() as Record<string, string>;
}
