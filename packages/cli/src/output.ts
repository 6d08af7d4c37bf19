import { writeFileSync } from 'node:fs';
import { CliError } from './exit.ts';
import { reason } from './files.ts';

/** Writes to a file, or to the standard output if none is named (or `-` is). */
export function writeOutput(path: string | undefined, text: string): void {
  if (path === undefined || path === '-') {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(path, text, { mode: 0o640 });
  } catch (error) {
    throw new CliError(`${path} can't be written: ${reason(error)}`);
  }
}
