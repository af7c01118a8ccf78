import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ready } from './ready-block.ts';
import type { Part } from './run.ts';

export type ReadyFile = Part & { write: (ready: Ready) => Promise<void> };

/**
 * Tells programs what the ready block tells people, in `ready.json`, for as long as the service runs. One that a
 * killed run left is removed.
 */
export async function createReadyFile(dataDir: string): Promise<ReadyFile> {
  const file = join(dataDir, 'ready.json');
  const remove = () => rm(file, { force: true });
  await remove();
  return {
    name: 'ready file',
    // It holds a token.
    write: (ready) => writeFile(file, `${JSON.stringify(ready, null, 2)}\n`, { mode: 0o600 }),
    stop: remove,
  };
}
