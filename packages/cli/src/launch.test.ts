import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { finished, type Outcome } from './testing/run-cli.ts';

const bin = join(import.meta.dirname, '../bin');

/** A workspace with the real launcher and programs that only say who they are. */
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'myelin-launch-'));
  cpSync(bin, join(root, 'packages/cli/bin'), { recursive: true });
  put('package.json', '{ "type": "module" }');
  put('packages/cli/src/main.ts', program('sources'));
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Prints who runs, with which arguments and flags, as which process; ends with 7. */
function program(name: string): string {
  return `export async function main(argv) {
    console.log(JSON.stringify({ name: '${name}', argv, flags: process.execArgv, pid: process.pid }));
    return 7;
  }`;
}

function putBuild(builtAt: number, sources = ['packages/cli/src/main.ts']): void {
  put('dist/myelin.js', program('build'));
  put('dist/build.json', JSON.stringify({ builtAt, sources }));
}

interface Launched extends Outcome {
  readonly said: { name: string; argv: string[]; flags: string[]; pid: number };
  readonly pid: number | undefined;
}

async function launch(
  args: readonly string[],
  options: { file?: string; node?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Launched> {
  const file = join(root, 'packages/cli/bin', options.file ?? 'myelin.mjs');
  const { MYELIN_CODE: _code, NODE_OPTIONS: _options, ...inherited } = process.env;
  const child = spawn(process.execPath, [...(options.node ?? []), file, ...args], {
    env: { ...inherited, ...options.env },
  });
  const outcome = await finished(child);
  return { ...outcome, pid: child.pid, said: JSON.parse(outcome.out || '{}') as Launched['said'] };
}

const soon = (): number => Date.now() + 60_000;

describe('the code that runs', () => {
  it('is the build while it is newer than its sources', async () => {
    putBuild(soon());
    const { said, code } = await launch(['stop', '-c', 'x']);
    expect(said).toMatchObject({ name: 'build', argv: ['stop', '-c', 'x'] });
    expect(code).toBe(7);
  });

  it('is the sources where there is no build', async () => {
    expect((await launch(['stop'])).said.name).toBe('sources');
  });

  it('is the sources after one of them has changed, or gone', async () => {
    putBuild(Date.now());
    utimesSync(join(root, 'packages/cli/src/main.ts'), soon() / 1000, soon() / 1000);
    expect((await launch(['stop'])).said.name).toBe('sources');
    putBuild(soon() + 60_000, ['packages/cli/src/main.ts', 'packages/cli/src/gone.ts']);
    expect((await launch(['stop'])).said.name).toBe('sources');
  });

  it('is the build where no sources came along', async () => {
    putBuild(Date.now());
    rmSync(join(root, 'packages/cli/src'), { recursive: true });
    expect((await launch(['stop'])).said.name).toBe('build');
  });

  it('is what MYELIN_CODE says', async () => {
    putBuild(soon());
    expect((await launch(['stop'], { env: { MYELIN_CODE: 'sources' } })).said.name).toBe('sources');
    putBuild(0);
    expect((await launch(['stop'], { env: { MYELIN_CODE: 'build' } })).said.name).toBe('build');
  });
});

it.each([
  ['generate-config.mjs', 'generate_config'],
  ['generate-log-config.mjs', 'generate_log_config'],
  ['generate-signing-key.mjs', 'generate_signing_key'],
  ['hash-password.mjs', 'hash_password'],
  ['register-new-matrix-user.mjs', 'register_new_matrix_user'],
])('%s runs %s', async (file, subcommand) => {
  expect((await launch(['-o', 'x'], { file })).said.argv).toEqual([subcommand, '-o', 'x']);
});

describe.skipIf(process.execve === undefined)('a server', () => {
  it.each([[['start']], [['restart', '-c', 'x']], [['-c', 'x']]])(
    'is given its flags without a second process: %j',
    async (args) => {
      const { said, pid } = await launch(args);
      expect(said).toMatchObject({
        argv: args,
        pid,
        flags: [expect.stringContaining('--max-semi-space-size='), expect.stringContaining('--heap-growing-percent=')],
      });
    },
  );

  it('keeps the flags that somebody chose', async () => {
    const node = ['--max-semi-space-size=3'];
    const { said } = await launch(['start'], { node, env: { NODE_OPTIONS: '--no-deprecation' } });
    expect(said.flags).toEqual([expect.stringContaining('--heap-growing-percent='), ...node]);
  });

  it('is the only one with such flags', async () => {
    expect((await launch(['stop'])).said.flags).toEqual([]);
  });
});

describe('under an older Node.js', () => {
  /** Lets the first process, and no later one, take itself for another version. */
  const asOld = `data:text/javascript,
    if (!process.env.LOOKED_OLD) {
      process.env.LOOKED_OLD = '1';
      Object.defineProperty(process.versions, 'node', { value: '20.19.0' });
      if (process.env.WITHOUT_EXECVE) delete process.execve;
    }`.replaceAll(/\s+/g, ' ');
  const platform = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

  function installNode(): void {
    put(`node_modules/${platform}/package.json`, JSON.stringify({ name: platform, bin: { node: 'bin/node' } }));
    put(`node_modules/${platform}/bin/node`, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
    chmodSync(join(root, `node_modules/${platform}/bin/node`), 0o755);
  }

  it('says what is missing if none was installed along', async () => {
    const { code, err, out } = await launch(['--version'], { node: ['--import', asOld] });
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^myelin: this is Node\.js 20\.19\.0, and 24 is needed.*\n$/);
  });

  it.skipIf(process.platform === 'win32').each(['', '1'])(
    'goes on as the one that was installed along (without execve: %j)',
    async (without) => {
      installNode();
      const { said, code } = await launch(['start', '-c', 'x'], {
        node: ['--import', asOld],
        env: { WITHOUT_EXECVE: without },
      });
      expect(said).toMatchObject({ name: 'sources', argv: ['start', '-c', 'x'] });
      expect(code).toBe(7);
    },
  );
});

it('every command of package.json has its file', () => {
  const { bin: commands } = JSON.parse(readFileSync(join(bin, '../package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  for (const file of Object.values(commands)) expect(existsSync(join(bin, '..', file))).toBe(true);
});
