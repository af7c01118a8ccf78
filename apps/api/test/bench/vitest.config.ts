import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Measurements: one at a time, and none by default. */
export default defineConfig({
  test: {
    name: 'bench',
    root: fileURLToPath(new URL('../../../..', import.meta.url)),
    include: ['apps/api/test/bench/*.spec.ts'],
    globalSetup: ['packages/testkit/src/global-setup.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    disableConsoleIntercept: true,
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
