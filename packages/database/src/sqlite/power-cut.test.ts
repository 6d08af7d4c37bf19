import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomFraction, systemRandom } from '@myelin/runtime';
import { expect, it } from 'vitest';
import { readTrace, straceOptions, TracedDisk, type TracedCall } from './power-cut.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { checkWritten } from './writer-check.ts';

const transactions = 300;
const cuts = 150;

/** Traces a process that writes; undefined where there is no strace, or it isn't allowed. */
function traceWriter(folder: string): TracedCall[] | undefined {
  const path = join(folder, 'database');
  const output = join(folder, 'trace');
  const program = new URL('writer-process.ts', import.meta.url).pathname;
  try {
    execFileSync('strace', [
      ...straceOptions,
      '-o',
      output,
      process.execPath,
      program,
      path,
      '1',
      String(transactions),
    ]);
  } catch {
    return undefined;
  }
  return readTrace(readFileSync(output, 'utf8'), path);
}

/** Cuts the power after some of the calls; gives the faults of the first cut that leaves any. */
function cutPower(calls: readonly TracedCall[], path: string): string[] {
  const cutAfter = new Set(Array.from({ length: cuts }, () => Math.floor(randomFraction(systemRandom) * calls.length)));
  const disk = new TracedDisk();
  for (const [i, call] of calls.entries()) {
    disk.step(call);
    if (!cutAfter.has(i)) continue;
    const share = [0, 0.2, 0.5, 0.8, 1][Math.floor(randomFraction(systemRandom) * 5)] ?? 0;
    const keeps = (): boolean => randomFraction(systemRandom) < share;
    rmSync(`${path}-shm`, { force: true });
    writeFileSync(path, disk.file.afterCut(keeps));
    writeFileSync(`${path}-wal`, disk.log.afterCut(keeps));
    const acknowledged = disk.printed.split('\n').filter(Boolean).map(Number);
    const { faults } = checkWritten(path, acknowledged);
    if (faults.length > 0) return faults;
  }
  return [];
}

it('keeps what was acknowledged, and the file whole, when the power is cut while it writes', (test) => {
  const folder = temporaryFolder();
  try {
    const calls = traceWriter(folder.path);
    if (calls === undefined) return test.skip('there is no strace, or it may not be used');
    const path = join(folder.path, 'after-cut');
    expect(cutPower(calls, path)).toEqual([]);
    // The same without flushes of the one file or the other, to see that this test can fail.
    const without = (file: string): TracedCall[] =>
      calls.filter((call) => !call.call.startsWith('flush') || (call as { file: string }).file !== file);
    expect(cutPower(without('log'), path).length).toBeGreaterThan(0);
    expect(cutPower(without('file'), path).length).toBeGreaterThan(0);
  } finally {
    folder.remove();
  }
}, 120_000);
