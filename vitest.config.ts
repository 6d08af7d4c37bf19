import { defineConfig } from 'vitest/config';

/** Tests that need a process of their own. */
const alone = ['packages/*/src/**/*.alone.test.ts'];

export default defineConfig({
  test: {
    // One worker less than processors is the default: on two processors that is one.
    maxWorkers: '100%',
    testTimeout: 90_000,
    hookTimeout: 90_000,
    projects: [
      {
        extends: true,
        test: { name: 'together', include: ['packages/*/src/**/*.test.ts'], exclude: alone, pool: 'threads', isolate: false },
      },
      { extends: true, test: { name: 'alone', include: alone, pool: 'forks', isolate: true } },
    ],
  },
});
