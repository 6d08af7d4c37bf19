// `npm test`: the tests of the whole workspace, on SQLite, and on PostgreSQL where MYELIN_TEST_POSTGRES names one.
// Arguments are passed on to vitest (a path, `-t NAME`). Ends with the line `N passed, N failed[, N skipped]`.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { status: string; assertionResults: unknown[] }[];
  success: boolean;
}

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'myelin-test-'));
const reportFile = join(folder, 'report.json');
const callsFolder = process.env['MYELIN_TEST_CALLS'] ?? join(root, 'coverage', 'calls');
const chosen = process.argv.slice(2);

// What the tests call is noted for docs/reference/coverage.md; only a run of everything starts the notes anew.
if (chosen.length === 0) rmSync(callsFolder, { recursive: true, force: true });

if (process.env['MYELIN_TEST_POSTGRES'] === undefined && !chosen.includes('--config')) {
  console.log(
    'PostgreSQL: skipped. Set MYELIN_TEST_POSTGRES=postgres://USER@HOST/postgres to run the tests on it too.',
  );
}

const code = await new Promise<number>((resolve) => {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const options = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const child = spawn(process.execPath, [vitest, ...options, ...chosen], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, MYELIN_TEST_CALLS: callsFolder },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  child.on('exit', (exitCode) => resolve(exitCode ?? 1));
});

const counts = readCounts();
rmSync(folder, { recursive: true, force: true });
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
console.log(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
process.exitCode = code !== 0 || counts.failed > 0 || counts.passed + counts.skipped === 0 ? 1 : 0;

function readCounts(): { passed: number; failed: number; skipped: number } {
  let report: VitestReport;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // A file that can't be loaded has no tests that could fail: it counts as one.
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + unloaded;
  const skipped = report.numPendingTests + report.numTodoTests;
  return { passed: report.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed, skipped };
}
