import { resolve } from 'node:path';
import { Command } from 'commander';
import { logConfigText } from '../generate/log-config-text.ts';
import { writeOutput } from '../output.ts';

export function generateLogConfigCommand(): Command {
  return new Command('generate_log_config')
    .description('print a fresh log configuration')
    .option('-o, --output-file <file>', 'write it there')
    .option('-f, --log-file <file>', 'the file to log to', 'homeserver.log')
    .action(({ outputFile, logFile }: { outputFile?: string; logFile: string }) => {
      writeOutput(outputFile, logConfigText(resolve(logFile), 'file'));
    });
}
