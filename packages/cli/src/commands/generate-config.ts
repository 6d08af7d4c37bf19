import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { CliError } from '../exit.ts';
import { reason } from '../files.ts';
import { configHeader, configText } from '../generate/config-text.ts';
import { writeOutput } from '../output.ts';

interface Options {
  readonly configDir: string;
  readonly dataDir: string;
  readonly serverName: string;
  readonly reportStats?: 'yes' | 'no';
  readonly generateSecrets?: true;
  readonly outputFile?: string;
  readonly headerFile?: string;
}

export function generateConfigCommand(): Command {
  return new Command('generate_config')
    .description('print a fresh homeserver.yaml')
    .option('--config-dir <folder>', 'where keys and log configuration will be', 'CONFDIR')
    .option('--data-dir <folder>', 'where database and media will be', 'DATADIR')
    .option('--server-name <name>', 'the name of the server, as in @user:NAME', 'SERVERNAME')
    .addOption(
      new Option('--report-stats <answer>', 'whether figures of its use may be reported').choices(['yes', 'no']),
    )
    .option('--generate-secrets', 'put fresh secrets into it')
    .option('-o, --output-file <file>', 'write it there (- for the standard output)')
    .option('--header-file <file>', 'begin with the text of this file')
    .action(async (options: Options) => {
      const { checkedServerName } = await import('../generate/server-name.ts');
      const text = configText(
        {
          serverName: checkedServerName(options.serverName),
          configDirectory: options.configDir === 'CONFDIR' ? 'CONFDIR' : resolve(options.configDir),
          dataDirectory: options.dataDir === 'DATADIR' ? 'DATADIR' : resolve(options.dataDir),
          reportStats: options.reportStats === undefined ? undefined : options.reportStats === 'yes',
          secrets: options.generateSecrets ?? false,
        },
        options.headerFile === undefined ? configHeader : readHeader(options.headerFile),
      );
      writeOutput(options.outputFile, text);
    });
}

function readHeader(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(`${path} can't be read: ${reason(error)}`);
  }
}
