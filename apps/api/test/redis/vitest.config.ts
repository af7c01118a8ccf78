import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** API processes that count requests in a Redis. Needs Docker, so it is no part of `pnpm test`; and `openssl`. */
export default defineConfig({
  test: {
    name: 'redis',
    root: fileURLToPath(new URL('../../../..', import.meta.url)),
    include: ['apps/api/test/redis/*.spec.ts'],
    globalSetup: ['packages/testkit/src/global-setup.ts'],
    // We remove what we start ourselves; the helper that does it for killed runs would want the Docker socket.
    env: { TESTCONTAINERS_RYUK_DISABLED: 'true' },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
