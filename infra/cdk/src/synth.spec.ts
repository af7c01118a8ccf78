import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FULL } from './test-context.ts';

const APP = join(import.meta.dirname, '../bin/app.ts');

let output: string;
beforeEach(async () => {
  output = await mkdtemp(join(tmpdir(), 'cdk-synth-'));
});
afterEach(() => rm(output, { recursive: true, force: true }));

/** Runs the app as `pnpm synth` does, with an environment that holds no account, region or credentials. */
const synth = (context: Record<string, unknown>) =>
  promisify(execFile)(
    process.execPath,
    [APP, '-o', output, ...Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`])],
    { env: {} },
  );

describe('bin/app.ts', () => {
  it('writes a template that asks nothing of AWS', async () => {
    const { stdout } = await synth(FULL);
    expect(stdout).toContain('cdk-nag has no findings');
    const manifest = JSON.parse(await readFile(join(output, 'manifest.json'), 'utf8'));
    expect(manifest.missing).toBeUndefined();
    const template = JSON.parse(await readFile(join(output, 'S3ImageApp.template.json'), 'utf8'));
    expect(Object.keys(template.Resources).length).toBeGreaterThan(50);
  });

  it('ends with the options at fault, not with a stack trace', async () => {
    const failure = await synth({ origins: 'https://app.example.com' }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 1, stderr: expect.stringMatching(/bucketName is not set/) });
    expect((failure as { stderr: string }).stderr).not.toContain('    at ');
  });
});
