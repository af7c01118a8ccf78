import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ready } from './ready-block.ts';
import type { Part } from './run.ts';

/** Tells programs what the ready block tells people, in `ready.json`, for as long as the service runs. */
export async function writeReadyFile(dataDir: string, ready: Ready): Promise<Part> {
  const file = join(dataDir, 'ready.json');
  // It holds a token.
  await writeFile(file, `${JSON.stringify(ready, null, 2)}\n`, { mode: 0o600 });
  return { name: 'ready file', stop: () => rm(file, { force: true }) };
}
