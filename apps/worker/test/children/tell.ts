/** An image process that tells what it finds around it: `failed` is the one answer that carries text. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { say, serve } from './speak.ts';

const attempt = (action: () => unknown): string => {
  try {
    return `done: ${action()}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
};

await serve(() => {
  say({
    failed: JSON.stringify({
      env: process.env,
      read: attempt(() => readFileSync('/etc/passwd')),
      write: attempt(() => writeFileSync('/tmp/written-by-an-image', 'x')),
      spawn: attempt(() => spawnSync('true').status),
    }),
  });
});
