import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder that the tests synthesize into. */
    output: string;
  }
}

export default async function setup(project: TestProject) {
  const output = await mkdtemp(join(tmpdir(), 'cdk-test-'));
  project.provide('output', output);
  return () => rm(output, { recursive: true });
}
