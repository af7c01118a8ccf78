import fp from 'fastify-plugin';
import { Problem } from '../problems.ts';

/** Answers requests as every other error is answered, that Node's server would refuse without a word, or let pass. */
export const ownRefusals = fp(async (app) => {
  // Whoever expects something else than `100-continue` is served without it (RFC 9110, section 10.1.1).
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));

  // Node's own check is switched off where the server is made (RFC 9112, section 3.2). HTTP/1.0 knew no such header.
  app.addHook('onRequest', async ({ raw: { httpVersion, rawHeaders } }) => {
    const hosts = countHosts(rawHeaders);
    if (hosts > 1 || (hosts === 0 && httpVersion === '1.1')) {
      throw new Problem(
        'bad_request',
        `A request must tell in one Host header whom it is for, not in ${hosts}.`,
      );
    }
  });
});

/** Of two Node shows the first alone; a proxy before us may have gone by the second. `rawHeaders`: name, value, name, value. */
function countHosts(rawHeaders: string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
