import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';

const runner = fileURLToPath(new URL('../bin/run.mjs', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-'));
  await writeFile(
    join(folder, 'told.ts'),
    'console.log(process.argv.slice(2), process.env.COLOUR as string);',
  );
  await writeFile(join(folder, '.env'), 'COLOUR=blue');
});
afterEach(() => rm(folder, { recursive: true }));

const run = (options: string[], env: NodeJS.ProcessEnv = {}) =>
  promisify(execFile)(process.execPath, [...options, runner, 'told.ts', '--loud'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
  });

test('the program gets its arguments and what .env says', async () => {
  expect((await run([])).stdout).toBe("[ '--loud' ] blue\n");
});

test('the environment is stronger than .env, which production does not read', async () => {
  expect((await run([], { COLOUR: 'red' })).stdout).toContain('red');
  expect((await run([], { NODE_ENV: 'production' })).stdout).toContain('undefined');
});

test('an old Node says what is missing and how to get it', async () => {
  const older = "Object.defineProperty(process.versions, 'node', { value: '20.19.0' })";
  const outcome = run(['--import', `data:text/javascript,${encodeURIComponent(older)}`]);
  await expect(outcome).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/needs Node 24.*Node 20\.19\.0.*npx -y pnpm install/s),
  });
});
