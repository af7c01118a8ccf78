import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const s3Conformance = 'packages/local-aws/vitest.config.ts';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit+integration',
          include: ['{apps,packages,infra}/**/*.test.ts', '*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.s3.test.ts'],
          globalSetup: ['packages/testkit/src/global-setup.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          // Node runs our TypeScript as it stands, in tests as in production.
          experimental: { viteModuleRunner: false, nodeLoader: false },
        },
      },
      ...(existsSync(s3Conformance) ? [s3Conformance] : []),
    ],
  },
});
