import { Command, Option } from 'commander';
import { explainCommand } from './commands/explain.ts';
import { federationTestCommand } from './commands/federation-test.ts';
import { generateConfigCommand } from './commands/generate-config.ts';
import { generateLogConfigCommand } from './commands/generate-log-config.ts';
import { generateSigningKeyCommand } from './commands/generate-signing-key.ts';
import { hashPasswordCommand } from './commands/hash-password.ts';
import { registerNewMatrixUserCommand } from './commands/register-new-matrix-user.ts';
import { restartCommand, startCommand, stopCommand } from './commands/run.ts';
import { CliError, exitCode } from './exit.ts';
import { configPathOption, serverOptions, type ServerOptions } from './options.ts';
import { version } from './version.ts';

interface RootOptions extends ServerOptions {
  readonly generateConfig?: true;
  readonly generateMissingConfigs?: true;
  readonly generateMissingAndRun?: true;
  readonly serverName?: string;
  readonly reportStats?: 'yes' | 'no';
  readonly configDirectory?: string;
  readonly dataDirectory?: string;
  readonly openPrivatePorts?: true;
  readonly enableMetrics?: true;
}

/** The `myelin` command. Without a subcommand it takes the flags of synapse_homeserver. */
export function createProgram(): Command {
  const program = new Command('myelin')
    .description('Myelin, a Matrix homeserver.')
    .version(version)
    .exitOverride()
    .enablePositionalOptions()
    .showHelpAfterError('(--help shows what there is)')
    .addOption(configPathOption());
  for (const option of [...serverOptions(), ...generationOptions()]) program.addOption(option);
  program.addHelpText('after', afterHelp);
  program.allowExcessArguments().action(async (options: RootOptions) => {
    const [command] = program.args;
    if (command !== undefined)
      throw new CliError(`there is no command ${JSON.stringify(command)} (--help shows what there is)`, exitCode.usage);
    // What does the work is loaded when it is needed: help is quick.
    const { generateAll, generateMissing } = await import('./commands/generate-files.ts');
    if (options.generateConfig) return generateAll(options);
    if (options.generateMissingConfigs) return generateMissing(options);
    if (options.configPath === undefined) return program.help({ error: true });
    const { start } = await import('./server/start.ts');
    return start(options);
  });
  for (const command of [
    startCommand,
    stopCommand,
    restartCommand,
    registerNewMatrixUserCommand,
    hashPasswordCommand,
    federationTestCommand,
    explainCommand,
    generateConfigCommand,
    generateLogConfigCommand,
    generateSigningKeyCommand,
  ]) {
    program.addCommand(command().copyInheritedSettings(program).allowExcessArguments(false));
  }
  return program;
}

function generationOptions(): Option[] {
  return [
    new Option('--generate-config', 'write a configuration with its keys and secrets, then end').conflicts([
      'generateMissingConfigs',
    ]),
    new Option(
      '--generate-keys, --generate-missing-configs',
      'write the files that the configuration names and that are missing, then end',
    ),
    new Option('--generate-missing-and-run', 'the same, then run (as every start does)'),
    new Option('-H, --server-name <name>', 'with --generate-config: the name of the server, as in @user:NAME'),
    new Option('--report-stats <answer>', 'with --generate-config: whether figures of its use may be reported').choices(
      ['yes', 'no'],
    ),
    new Option(
      '--keys-directory, --config-directory <folder>',
      'where keys and log configuration go; by default beside the configuration',
    ),
    new Option('--data-directory <folder>', 'where database and media go; by default the current folder'),
    new Option('--open-private-ports', 'listen on all addresses, not on this machine alone'),
    new Option('--enable-metrics', 'serve metrics on port 19090'),
  ];
}

const afterHelp = `
Without a subcommand, -c starts the server. Exit codes: 0 done, 1 failed, 2 wrong command line,
3 configuration refused, 4 already running, 5 not running.`;
