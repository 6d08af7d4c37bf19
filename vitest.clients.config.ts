import { defineConfig } from 'vitest/config';

/** Real clients against a real server: `npm run test:clients`, in .ci/run. They need Chromium and Python. */
export default defineConfig({
  test: {
    include: ['packages/testkit/src/clients/*.client-test.ts'],
    pool: 'forks',
    // The SDK tells every request on the console.
    silent: 'passed-only',
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
