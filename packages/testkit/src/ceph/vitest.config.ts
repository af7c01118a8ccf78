import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The end-to-end suite against a real S3 server that nobody of ours wrote; setup.ts says what it needs. */
export default defineConfig({
  test: {
    name: 'e2e-on-ceph',
    root: fileURLToPath(new URL('../../../..', import.meta.url)),
    include: ['e2e/upload.test.ts', 'e2e/page.test.ts', 'packages/testkit/src/ceph/*.spec.ts'],
    globalSetup: ['packages/testkit/src/ceph/setup.ts', 'e2e/setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
