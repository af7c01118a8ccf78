import { defineConfig } from 'vitest/config';

/** Node runs our TypeScript as it stands, in tests as in production. */
const native = { viteModuleRunner: false, nodeLoader: false };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit+integration',
          include: ['{apps,packages,infra}/**/*.test.ts', '*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.s3.test.ts', 'permissions.test.ts'],
          globalSetup: ['packages/testkit/src/global-setup.ts'],
          testTimeout: 20_000,
          hookTimeout: 30_000,
          // Named, since vitest puts group 0 behind all others where there is one worker only.
          sequence: { groupOrder: 1 },
          experimental: native,
        },
      },
      {
        test: {
          name: 'permissions',
          include: ['permissions.test.ts'],
          // After what it is about: all that the integration suite asked of S3 and SQS.
          sequence: { groupOrder: 2 },
          experimental: native,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          globalSetup: ['e2e/setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // After everything else: it starts whole services and tells how long that takes.
          sequence: { groupOrder: 3 },
          experimental: native,
        },
      },
      'packages/local-aws/vitest.config.ts',
    ],
  },
});
