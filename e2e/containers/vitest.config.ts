import { defineConfig } from 'vitest/config';

/** Node runs our TypeScript as it stands, in tests as in production. */
const native = { viteModuleRunner: false, nodeLoader: false };

const blackBox = {
  testTimeout: 60_000,
  // Chromium is unpacked at its first start.
  hookTimeout: 60_000,
  experimental: native,
};

/** All that speaks to the service by its URL; start.test.ts is about the command that starts one. */
const suite = ['e2e/*.test.ts'];
const exclude = ['e2e/start.test.ts'];

/** The tests that need Docker. They are no part of `pnpm test`. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...blackBox,
          include: [...suite, 'e2e/containers/images.spec.ts'],
          exclude,
          name: 'containers',
          globalSetup: ['e2e/containers/setup-containers.ts'],
        },
      },
      {
        test: {
          ...blackBox,
          include: [...suite, 'e2e/containers/compose.spec.ts'],
          exclude,
          name: 'compose',
          globalSetup: ['e2e/containers/setup-compose.ts'],
          // One after the other: what one file does to the service, such as scaling it, must not disturb another.
          fileParallelism: false,
        },
      },
    ],
  },
});
