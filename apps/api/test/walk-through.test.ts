import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { photo } from '@s3-image-app/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi, token } from './api.ts';
import { startWorker } from './worker.ts';

let api: TestApi;
let worker: { stop: () => Promise<void> };
let folder: string;
beforeAll(async () => {
  api = await startApi();
  worker = await startWorker(api);
  folder = mkdtempSync(join(tmpdir(), 'walk-'));
  writeFileSync(join(folder, 'photo.jpg'), photo('portrait.jpg'));
});
afterAll(async () => {
  await worker.stop();
  await api.stop();
  rmSync(folder, { recursive: true });
});

/** Between the outputs of two blocks. */
const MARK = '----- end of block -----';

test.runIf(spawnSync('curl', ['--version']).status === 0)(
  'docs/api.md prints what it says, line by line',
  async () => {
    const text = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8');
    const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$(?:\n\n^```text\n([\s\S]*?)^```$)?/gm)].map(
      ([, script = '', output = '']) => ({ script, output }),
    );
    expect(blocks.length).toBeGreaterThan(9);
    const script = blocks.map((block) => `${block.script}\necho '${MARK}'\n`).join('');
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder,
      env: {
        ...process.env,
        API: await api.app.listen({ port: 0, host: '127.0.0.1' }),
        TOKEN: token(),
      },
    });
    expect(stdout.split(`${MARK}\n`).slice(0, -1)).toEqual(blocks.map(({ output }) => output));
  },
  60_000,
);
