import { CliError, exitCode } from './exit.ts';
import { SourceStacks } from './source-stacks.ts';

/** Runs a command line (without the names of Node and of the script); resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const { createProgram } = await import('./program.ts');
    await createProgram().parseAsync(argv, { from: 'user' });
    return exitCode.done;
  } catch (error) {
    return explain(error as Error);
  }
}

function explain(error: Error & { exitCode?: unknown; code?: unknown }): number {
  if (typeof error.code === 'string' && error.code.startsWith('commander.')) {
    // Commander has printed its sentence already; help and version are no failures.
    return error.exitCode === 0 ? exitCode.done : exitCode.usage;
  }
  const isFault = error instanceof TypeError || error instanceof ReferenceError || error instanceof SyntaxError;
  const sentence = error.message.replaceAll(/\s*\n\s*/g, ' ');
  console.error(
    `myelin: ${isFault ? `this is a fault of Myelin's (MYELIN_DEBUG=1 shows where): ${sentence}` : sentence}`,
  );
  if (process.env['MYELIN_DEBUG']) console.error(new SourceStacks().inSources(error.stack ?? ''));
  if (error.name === 'ConfigError') return exitCode.configuration;
  return error instanceof CliError ? error.exitCode : exitCode.failed;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
