import { once } from 'node:events';
import { createServer } from 'node:net';

const HOST = '127.0.0.1';

/** A port on 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (!address || typeof address === 'string') throw new Error('A TCP server has no port');
  return address.port;
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
