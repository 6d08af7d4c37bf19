import { resolve } from 'node:path';
import { loadConfig, readConfigFiles, type Config } from '@myelin/homeserver/config';
import { CliError, exitCode } from '../exit.ts';
import { writeMissingFiles } from '../generate/missing-files.ts';
import type { ServerOptions } from '../options.ts';
import { daemonize, daemonParent } from './daemon.ts';
import { defaultConfigPath, makeDefaultConfig } from './default-config.ts';
import { runningProcess } from './pid-file.ts';
import { runServer } from './run-server.ts';
import { stopIfRunning } from './stop.ts';

/** `myelin start`, and `myelin -c …`. */
export async function start(options: ServerOptions): Promise<void> {
  const { paths, isFirst } = configPaths(options);
  const config = configuration(options, paths);
  const pidFile = config.server.pidFile;
  const running = pidFile === undefined ? undefined : runningProcess(pidFile);
  if (running !== undefined) throw new CliError(`it is running already, as process ${running}`, exitCode.running);
  const parent = daemonParent();
  if (!parent && config.server.daemonize) {
    for (const notice of config.notices) console.error(`myelin: ${notice}`);
    if (!config.logging.outputs.some(({ target }) => target === 'file')) {
      console.error(
        'myelin: the log goes to a console that a server in the background does not have; name a file in log_config',
      );
    }
    if (options.printPidfile || config.server.printPidFile) console.log(pidFile ?? '');
    return daemonize();
  }
  if (!parent) for (const notice of config.notices) console.error(`myelin: ${notice}`);
  await runServer(config, { paths, isFirst, parent });
}

/** `myelin restart` */
export async function restart(options: ServerOptions): Promise<void> {
  // A configuration that can't be started must not stop what runs.
  configuration(options, configPaths(options).paths);
  if (!daemonParent()) await stopIfRunning(options);
  await start(options);
}

function configPaths({ configPath }: ServerOptions): { paths: readonly string[]; isFirst: boolean } {
  if (configPath !== undefined) return { paths: configPath, isFirst: false };
  const known = defaultConfigPath();
  return known === undefined ? { paths: [makeDefaultConfig()], isFirst: true } : { paths: [known], isFirst: false };
}

function configuration(options: ServerOptions, paths: readonly string[]): Config {
  const read = readConfigFiles({ paths });
  const { mapping, configDirectory } = read;
  const keysDirectory = options.configDirectory === undefined ? configDirectory : resolve(options.configDirectory);
  if ('server_name' in mapping && 'report_stats' in mapping) {
    const written = writeMissingFiles({
      mapping,
      configDirectory: keysDirectory,
      cwd: process.cwd(),
      dataDirectory: process.cwd(),
    });
    for (const path of written) console.error(`myelin: wrote ${path}`);
  }
  return loadConfig({
    paths,
    read,
    env: process.env,
    keysDirectory,
    secretsInConfig: options.secretsInConfig ?? true,
    overrides: {
      ...(options.daemonize === undefined ? {} : { daemonize: options.daemonize }),
      ...(options.databasePath === undefined ? {} : { database_path: options.databasePath }),
      ...(options.enableRegistration ? { enable_registration: true } : {}),
    },
  });
}
