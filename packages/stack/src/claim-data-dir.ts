import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Part } from './run.ts';

/**
 * Claims `dataDir` for this run until it stops. The claim is a socket that we listen on: unlike
 * a file with a process id in it, it cannot outlive us and be taken for somebody else's.
 * @throws {Error} naming the run that has it
 */
export async function claimDataDir(dataDir: string): Promise<Part> {
  // Not in dataDir: a socket's path may have no more than about 100 characters.
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const path = join(tmpdir(), `s3-image-app-${name}.sock`);
  const server = createServer((client) => client.end(String(process.pid)));
  if (!(await listens(server, path))) {
    const holder = await whoListens(path);
    if (holder) {
      throw new Error(
        `${dataDir} is in use by another run, process ${holder}: stop that one, or for a second one beside it set DATA_DIR to another folder, and PORT, LOCAL_AWS_PORT and LOCAL_PG_PORT to 0`,
      );
    }
    // A run that was killed left it.
    await rm(path, { force: true });
    await once(server.listen(path), 'listening');
  }
  return {
    name: 'data folder',
    stop: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

async function listens(server: Server, path: string): Promise<boolean> {
  try {
    await once(server.listen(path), 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}

async function whoListens(path: string): Promise<string | undefined> {
  const socket = connect(path);
  try {
    return await text(socket);
  } catch {
    return undefined;
  }
}
