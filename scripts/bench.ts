/**
 * Runs the benchmark of ../shared/bench with Myelin beside the real Synapse, in one run:
 * `npm run bench -- -size medium -rounds 1`. Needs Go, and a Python with matrix-synapse: SYNAPSE_PYTHON=/path/to/venv/bin/python
 * (without it, Myelin is measured alone). What follows `--` goes to the benchmark. Ends with the figure of the bare
 * program (bench-floor.ts), measured in the same run.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const source = resolve(root, '..', 'shared', 'bench');

function run(command: string, args: readonly string[], options: { cwd: string; env?: NodeJS.ProcessEnv }): void {
  const { status } = spawnSync(command, args, { ...options, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
}

function main(): void {
  if (!existsSync(source)) throw new Error(`There is no benchmark at ${source}`);
  const work = mkdtempSync(join(tmpdir(), 'myelin-bench-'));
  try {
    cpSync(source, join(work, 'bench'), { recursive: true });
    run('chmod', ['-R', 'u+w', '.'], { cwd: work });
    run('go', ['build', '-o', 'run', '.'], { cwd: join(work, 'bench') });
    run(process.execPath, [join(root, 'scripts/build.ts')], { cwd: root });
    const servers = [`myelin=${join(work, 'bench/launch/myelin.sh')}`];
    if (process.env['SYNAPSE_PYTHON']) servers.unshift(`synapse=${join(work, 'bench/launch/synapse.sh')}`);
    const args = [
      ...servers.flatMap((server) => ['-server', server]),
      '-work',
      join(work, 'data'),
      ...process.argv.slice(2),
    ];
    run('./run', args, { cwd: join(work, 'bench'), env: { ...process.env, MYELIN: 'myelin', MYELIN_CODE: 'build' } });
    run(process.execPath, [join(root, 'scripts/bench-floor.ts')], { cwd: root });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

main();
