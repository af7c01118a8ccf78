import { fileURLToPath } from 'node:url';
import { defineProject } from 'vitest/config';

/** The S3 conformance suite: runs against local-aws, or whatever S3_CONFORMANCE_ENDPOINT names. */
export default defineProject({
  test: {
    name: 's3-conformance',
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['conformance/**/*.s3.test.ts'],
    globalSetup: ['conformance/setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
