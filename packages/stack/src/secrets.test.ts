import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureSecrets, readSecrets } from './secrets.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'secrets-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

test('secrets are made once, differ from each other, and only their owner may read them', async () => {
  expect(await readSecrets(dataDir)).toBeUndefined();
  const made = await ensureSecrets(dataDir);
  expect(await ensureSecrets(dataDir)).toEqual(made);
  expect(await readSecrets(dataDir)).toEqual(made);

  const all = [made.jwtSecret, made.postgresPassword, ...Object.values(made.aws).flatMap(Object.values)];
  expect(new Set(all).size).toBe(8);
  expect(Buffer.byteLength(made.jwtSecret)).toBeGreaterThanOrEqual(32);
  expect((await stat(join(dataDir, 'secrets.json'))).mode & 0o777).toBe(0o600);
});

test('a file that is damaged is named', async () => {
  await writeFile(join(dataDir, 'secrets.json'), '{');
  await expect(ensureSecrets(dataDir)).rejects.toThrow(join(dataDir, 'secrets.json'));
});
