import { relative } from 'node:path';
import { ConfigError, type Config } from '@myelin/homeserver/config';
import { exitCode } from '../exit.ts';
import { SourceStacks } from '../source-stacks.ts';
import { version } from '../version.ts';
import type { DaemonParent } from './daemon.ts';
import { removePidFile, writePidFile } from './pid-file.ts';
import { quietSqliteWarning } from './warnings.ts';

export interface RunOptions {
  readonly paths: readonly string[];
  /** The configuration was just made: say what comes next. */
  readonly isFirst: boolean;
  readonly parent: DaemonParent | undefined;
}

/** Runs the server until a signal ends it. */
export async function runServer(config: Config, { paths, isFirst, parent }: RunOptions): Promise<void> {
  quietSqliteWarning();
  const { openLog, startServer } = await import('@myelin/homeserver');
  const { pidFile } = config.server;
  try {
    const stacks = new SourceStacks();
    const { log, reopen } = openLog(config.logging, (stack) => stacks.inSources(stack));
    log.debug({ code: import.meta.url.endsWith('.ts') ? 'sources' : 'build', node: process.version }, 'starting');
    process.on('SIGHUP', () => {
      try {
        reopen();
      } catch (error) {
        log.error({ err: error }, 'the log files can not be opened anew');
      }
    });
    for (const notice of config.notices) if (parent) log.warn(notice);
    process.on('uncaughtException', (error) => {
      log.fatal({ err: error }, 'an error that nobody caught; the server ends');
      process.exit(exitCode.failed);
    });
    process.on('unhandledRejection', (error) => log.error({ err: error }, 'a rejection that nobody caught'));
    const server = await startServer(config, { log });
    if (pidFile !== undefined) writePidFile(pidFile);
    const ended = untilSignal(async () => {
      await server.stop();
      if (pidFile !== undefined) removePidFile(pidFile);
    });
    if (parent) parent.tell({ ready: true });
    else
      greet(
        config,
        server.listeners.map(({ address }) => address),
        paths,
        isFirst,
      );
    await ended;
  } catch (error) {
    const failed = (error as Error).message;
    parent?.tell({ failed, exitCode: error instanceof ConfigError ? exitCode.configuration : exitCode.failed });
    throw error;
  }
  process.exit(exitCode.done);
}

/** Resolves when SIGTERM or SIGINT has come and `stop` is done; a second signal ends the process at once. */
function untilSignal(stop: () => Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const onSignal = (): void => {
      if (stopping) process.exit(exitCode.failed);
      stopping = true;
      stop().then(resolve, reject);
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}

function greet(config: Config, addresses: readonly string[], paths: readonly string[], isFirst: boolean): void {
  const say = (line: string): void => console.error(line);
  say(`Myelin ${version} runs as ${config.server.name}.`);
  say(`  address  ${addresses.join('  ')}`);
  const { database } = config;
  say(
    `  data     ${database.kind === 'sqlite' ? database.path : `PostgreSQL ${database.dbname ?? database.database ?? ''}`}  ${config.media.storePath}`,
  );
  if (!isFirst) return;
  const [path = ''] = paths.map((each) => relative(process.cwd(), each) || each);
  const command = process.env['npm_lifecycle_event'] === undefined ? 'myelin' : 'npm run myelin --';
  say(`The configuration was made in ${path}. The first administrator is made by:`);
  say(`  ${command} register_new_matrix_user -c ${path} --admin`);
}
