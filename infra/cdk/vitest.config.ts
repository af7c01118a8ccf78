import { defineConfig } from 'vitest/config';

// Named .spec.ts, unlike elsewhere: the repository's own test run has none of these packages, and passes them by.
export default defineConfig({
  test: {
    include: ['src/**/*.spec.ts'],
    // Loading the CDK takes a second: once, not for each file. Nothing here shares state.
    isolate: false,
    globalSetup: ['src/test-output.ts'],
    testTimeout: 30_000,
  },
});
