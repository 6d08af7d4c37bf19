// Plain JavaScript that every Node.js from 20 on understands: an older one than 24 hands over to the one installed along.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;
const root = fileURLToPath(new URL('../../../', import.meta.url));
const build = join(root, 'dist');

/**
 * Runs a command: `myelin` itself, or one of its subcommands under a name of its own.
 * @param {string} [subcommand]
 */
export async function launch(subcommand) {
  if (Number.parseInt(process.versions.node, 10) < neededMajor) return handOver();
  const isBuilt = usesBuild();
  // The folder belongs to who installed, as the code does.
  module.enableCompileCache(isBuilt ? join(build, '.cache') : join(root, 'node_modules/.cache/myelin'));
  const { main } = await import(isBuilt ? '../../../dist/myelin.js' : '../src/main.ts');
  const args = process.argv.slice(2);
  process.exitCode = await main(subcommand === undefined ? args : [subcommand, ...args]);
}

/** MYELIN_CODE=build or MYELIN_CODE=sources says which code runs; by default the build if no source is newer. */
function usesBuild() {
  const wanted = process.env['MYELIN_CODE'];
  return wanted === undefined ? isCurrent() : wanted === 'build';
}

function isCurrent() {
  try {
    const { builtAt, sources } = JSON.parse(readFileSync(join(build, 'build.json'), 'utf8'));
    // Sources that aren't there at all can't have changed.
    if (!existsSync(join(root, 'packages/cli/src/main.ts'))) return true;
    return sources.every((source) => statSync(root + source).mtimeMs < builtAt);
  } catch {
    return false;
  }
}

/** Goes on as the Node.js that was installed along. */
function handOver() {
  const program = installedNode();
  if (program === undefined) {
    console.error(
      `myelin: this is Node.js ${process.versions.node}, and ${neededMajor} is needed; for ${process.platform} on ${process.arch} none was installed along`,
    );
    process.exitCode = 1;
    return;
  }
  const args = [...process.execArgv, ...process.argv.slice(1)];
  if (process.execve) process.execve(program, [program, ...args], process.env);
  const child = spawn(program, args, { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** The optional dependency of package.json that fits this machine. */
function installedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const require = createRequire(import.meta.url);
  for (const name of [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]) {
    try {
      const manifest = require.resolve(`${name}/package.json`);
      return join(manifest, '..', require(manifest).bin.node);
    } catch {
      // Another platform's.
    }
  }
  return undefined;
}
