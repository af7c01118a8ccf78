import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimDataDir } from './claim-data-dir.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'claim-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('a second run is told which process has the folder, until that gives it back', async () => {
  const claim = await claimDataDir(dataDir);
  await expect(claimDataDir(dataDir)).rejects.toThrow(`process ${process.pid}`);
  await claim.stop();
  await (await claimDataDir(dataDir)).stop();
});

test('the claim of a run that was killed is void', async () => {
  const program = `
    const { claimDataDir } = await import(${JSON.stringify(new URL('./claim-data-dir.ts', import.meta.url))});
    await claimDataDir(${JSON.stringify(dataDir)});
    console.log('claimed');`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  await once(other.stdout, 'data');
  await expect(claimDataDir(dataDir)).rejects.toThrow(`process ${other.pid}`);
  other.kill('SIGKILL');
  await once(other, 'exit');
  await (await claimDataDir(dataDir)).stop();
});
