import fp from 'fastify-plugin';
import { Problem } from '../problems.ts';

/** Answers two kinds of requests as every other error is answered, which Node's server would refuse without a word. */
export const ownRefusals = fp(async (app) => {
  // Whoever expects something else than `100-continue` is served without it (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));

  // Node's own check is switched off where the server is made (RFC 9112, section 3.2). HTTP/1.0 knew no such header.
  app.addHook('onRequest', async ({ raw: { httpVersion, headers } }) => {
    if (httpVersion === '1.1' && headers.host === undefined) {
      throw new Problem('bad_request', 'A request must tell in a Host header whom it is for.');
    }
  });
});
