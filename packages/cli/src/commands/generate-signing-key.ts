import { Command } from 'commander';
import { signingKeyLine } from '../generate/signing-key.ts';
import { writeOutput } from '../output.ts';

export function generateSigningKeyCommand(): Command {
  return new Command('generate_signing_key')
    .description('make a key that signs events')
    .option('-o, --output_file <file>', 'write it there instead of to the standard output')
    .action(({ output_file: path }: { output_file?: string }) => writeOutput(path, signingKeyLine()));
}
