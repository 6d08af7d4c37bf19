import { Option } from 'commander';

/** Flags of `myelin -c …`, `myelin start` and `myelin restart`. */
export interface ServerOptions {
  readonly configPath?: readonly string[];
  readonly configDirectory?: string;
  readonly daemonize?: boolean;
  readonly printPidfile?: true;
  readonly databasePath?: string;
  readonly enableRegistration?: true;
  readonly secretsInConfig?: boolean;
}

export function configPathOption(): Option {
  return new Option(
    '-c, --config-path <path>',
    'configuration: a file, or a folder with *.yaml; may be given again',
  ).argParser((path: string, before: readonly string[] | undefined) => [...(before ?? []), path]);
}

export function serverOptions(): Option[] {
  return [
    new Option('-D, --daemonize', 'go to the background'),
    new Option('--no-daemonize', 'stay in the foreground, whatever the configuration says'),
    new Option('--print-pidfile', 'print the path of the pid file before going to the background'),
    new Option('-d, --database-path <file>', 'the SQLite file to use'),
    new Option('--enable-registration', 'let people make accounts'),
    new Option('--no-secrets-in-config', 'refuse secrets that are written in the configuration itself'),
    new Option('-n, --no-redirect-stdio', 'taken for its own sake: output is never redirected').hideHelp(),
  ];
}
