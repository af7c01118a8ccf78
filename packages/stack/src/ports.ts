import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';

/**
 * Where free ports are looked for: below those that systems hand out by themselves (Linux from 32768, others from
 * 49152). Between our look and the use of a port, no connection and no other server on "any port" takes it.
 */
const FIRST = 20_000;
const LAST = 32_000;

/** Ports that were handed out by this process, and may not be listened on yet. */
const handedOut = new Set<number>();

/** A port on 127.0.0.1 that nobody listens on, and that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (let look = FIRST; look <= LAST; look++) {
    const port = randomInt(FIRST, LAST + 1);
    if (handedOut.has(port) || !(await isFree(port))) continue;
    handedOut.add(port);
    return port;
  }
  throw new Error(`No port from ${FIRST} to ${LAST} is free on ${HOST}`);
}

/** Whether 127.0.0.1:`port` can be listened on. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, HOST);
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/**
 * Sees to it that all of `wanted` (variable → port) can be used; 0 needs no check.
 * @throws {Error} with each port that is taken and the variable that changes it
 */
export async function checkPorts(wanted: Record<string, number>): Promise<void> {
  const taken: string[] = [];
  for (const [variable, port] of Object.entries(wanted)) {
    if (port !== 0 && !(await isFree(port))) {
      taken.push(`Port ${port} is taken: set ${variable} to another one, or to 0 for any that is free`);
    }
  }
  if (taken.length > 0) throw new Error(taken.join('\n'));
}
