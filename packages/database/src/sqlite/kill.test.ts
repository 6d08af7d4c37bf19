import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { systemRandom, randomFraction } from '@myelin/runtime';
import { expect, it } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';
import { checkWritten } from './writer-check.ts';

const rounds = 20;

/** Lets a process write until it has acknowledged `enough`, kills it, and gives what it had acknowledged. */
function writeAndKill(path: string, first: number, enough: number): Promise<number[]> {
  const program = new URL('writer-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [program, path, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.split('\n').length > enough) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') return reject(new Error(`The writer ended by itself with ${code}`));
      // The last line may be cut off.
      const lines = text.split('\n').slice(0, -1);
      resolve(lines.map(Number));
    });
  });
}

it(`has everything that was acknowledged before a kill, ${rounds} times`, async () => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'database');
  const acknowledged: number[] = [];
  try {
    let first = 1;
    for (let round = 0; round < rounds; round++) {
      const enough = 1 + Math.floor(randomFraction(systemRandom) * 300);
      acknowledged.push(...(await writeAndKill(path, first, enough)));
      const { numbers, faults } = checkWritten(path, acknowledged);
      expect(faults).toEqual([]);
      first = (numbers.at(-1) ?? 0) + 1;
    }
    expect(acknowledged.length).toBeGreaterThan(rounds);
  } finally {
    folder.remove();
  }
}, 120_000);
