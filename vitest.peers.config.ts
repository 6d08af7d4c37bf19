import { defineConfig } from 'vitest/config';

if (!process.env['MYELIN_TEST_PYTHON'] && !process.env['CI']) {
  console.log(
    'Synapse: skipped. Set MYELIN_TEST_PYTHON to a Python that has matrix-synapse (.ci/requirements.txt) to run these tests.',
  );
}

/** Servers of ours beside a real Synapse: `npm run test:peers`, in .ci/run. It needs Python with matrix-synapse. */
export default defineConfig({
  test: {
    include: ['packages/testkit/src/peers/*.peer-test.ts'],
    pool: 'threads',
    // The SDK tells every request on the console.
    silent: 'passed-only',
    isolate: false,
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
