import { CommanderError } from 'commander';
import { ConfigError } from '@myelin/homeserver/config';
import { CliError, exitCode } from './exit.ts';
import { createProgram } from './program.ts';

/** Runs a command line (without the names of Node and of the script) and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = explain(error);
  }
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its sentence already; help and version are no failures.
    return error.exitCode === 0 ? exitCode.done : exitCode.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  console.error(`myelin: ${message.replaceAll(/\s*\n\s*/g, ' ')}`);
  if (process.env['MYELIN_DEBUG'] && error instanceof Error) console.error(error.stack);
  if (error instanceof ConfigError) return exitCode.configuration;
  return error instanceof CliError ? error.exitCode : exitCode.failed;
}

if (import.meta.main) await main(process.argv.slice(2));
