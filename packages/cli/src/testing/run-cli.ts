import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { vi } from 'vitest';
import { main } from '../main.ts';

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const entry = join(import.meta.dirname, '..', 'main.ts');
/** Types are stripped once, not by each process. */
const compileCache = join(import.meta.dirname, '../../../../node_modules/.cache/myelin');

/** Runs `myelin` in a folder, as a process of its own. */
export async function runCli(
  cwd: string,
  args: readonly string[],
  options: { input?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  const child = startCli(cwd, args, options.env);
  child.stdin?.end(options.input ?? '');
  return finished(child);
}

/** Runs a command line in this process: quicker, for commands that neither depend on the folder nor stay. */
export async function runHere(args: readonly string[]): Promise<Outcome> {
  let out = '';
  let err = '';
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((line: string) => void (out += `${line}\n`)),
    vi.spyOn(console, 'error').mockImplementation((line: string) => void (err += `${line}\n`)),
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text)))),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text)))),
  ];
  try {
    const code = await main(args);
    return { code, out, err };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

export function startCli(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  // What the surrounding run sets must not reach the server that is tried.
  const { npm_lifecycle_event: _event, MYELIN_DATA: _data, MYELIN_SERVER_NAME: _name, ...inherited } = process.env;
  return spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { ...inherited, NODE_COMPILE_CACHE: compileCache, ...env },
    stdio: 'pipe',
  });
}

/** Resolves when the process has ended, with what it has printed since the call. */
export async function finished(child: ChildProcess): Promise<Outcome> {
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}
