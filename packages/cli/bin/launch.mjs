// Plain JavaScript that every Node.js from 20 on understands: an older one than 24 hands over to the one installed along.
import { existsSync, readFileSync, statSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;
const root = fileURLToPath(new URL('../../../', import.meta.url));
const build = join(root, 'dist');

/**
 * How a server runs, by measurement (docs/decisions/release-build.md): young objects get 16 MB instead of 120, the rest
 * is collected when it has grown by half instead of fourfold, and glibc keeps two pools of memory instead of one a thread.
 */
const serverFlags = ['--max-semi-space-size=8', '--heap-growing-percent=25'];
const serverEnvironment = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '32768' };

/**
 * Runs a command: `myelin` itself, or one of its subcommands under a name of its own.
 * @param {string} [subcommand]
 */
export async function launch(subcommand) {
  const args = process.argv.slice(2);
  const isOld = Number.parseInt(process.versions.node, 10) < neededMajor;
  const flags = subcommand === undefined && startsServer(args) ? missing(serverFlags) : [];
  // A process that can't become another one (Windows) isn't worth a second one for its flags.
  const isPlain = flags.length > 0 && process.execve !== undefined;
  if (isOld || isPlain) return goOn(isOld ? installedNode() : process.execPath, flags);

  const isBuilt = usesBuild();
  // The folder belongs to who installed, as the code does.
  module.enableCompileCache(isBuilt ? join(build, '.cache') : join(root, 'node_modules/.cache/myelin'));
  const { main } = await import(isBuilt ? '../../../dist/myelin.js' : '../src/main.ts');
  process.exitCode = await main(subcommand === undefined ? args : [subcommand, ...args]);
}

function startsServer([first = '']) {
  return first === 'start' || first === 'restart' || first.startsWith('-');
}

/** Without those that somebody has chosen. */
function missing(flags) {
  const chosen = `${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`;
  return flags.filter((flag) => !chosen.includes(flag.split('=', 1)[0]));
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

/** Goes on as another Node.js, or with flags: as the same process where the system can do that, else as its child. */
async function goOn(program, flags) {
  if (program === undefined) {
    console.error(
      `myelin: this is Node.js ${process.versions.node}, and ${neededMajor} is needed; for ${process.platform} on ${process.arch} none was installed along`,
    );
    process.exitCode = 1;
    return;
  }
  const args = [...flags, ...process.execArgv, ...process.argv.slice(1)];
  const env = flags.length === 0 ? process.env : { ...serverEnvironment, ...process.env };
  if (process.execve) process.execve(program, [program, ...args], env);
  const { spawn } = await import('node:child_process');
  const child = spawn(program, args, { stdio: 'inherit', env });
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
  const require = module.createRequire(import.meta.url);
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
