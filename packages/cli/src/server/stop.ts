import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, readConfigFiles } from '@myelin/homeserver/config';
import { CliError, exitCode } from '../exit.ts';
import type { ServerOptions } from '../options.ts';
import { defaultConfigPath } from './default-config.ts';
import { isAlive, runningProcess } from './pid-file.ts';

/** For so long a server may take to end. */
const patienceMs = 120_000;

/** `myelin stop`: asks the process of the pid file to end and waits until it has. */
export async function stop(options: ServerOptions): Promise<void> {
  const pid = runningProcess(pidFileOf(options));
  if (pid === undefined) throw new CliError('it is not running', exitCode.notRunning);
  await end(pid);
  console.log('stopped');
}

/** Ends the server if it runs. */
export async function stopIfRunning(options: ServerOptions): Promise<void> {
  const pid = runningProcess(pidFileOf(options));
  if (pid !== undefined) await end(pid);
}

async function end(pid: number): Promise<void> {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    throw new CliError(
      `process ${pid} can't be stopped: ${(error as NodeJS.ErrnoException).code === 'EPERM' ? 'permission denied' : (error as Error).message}`,
    );
  }
  for (let waited = 0; isAlive(pid); waited += 50) {
    if (waited >= patienceMs)
      throw new CliError(`process ${pid} was asked to end and is still there after ${patienceMs / 1000} s`);
    await sleep(50);
  }
}

function pidFileOf({ configPath }: ServerOptions): string {
  const known = configPath ?? [defaultConfigPath()].filter((path) => path !== undefined);
  if (known.length === 0) throw new CliError('name the configuration of the server (--config-path)', exitCode.usage);
  const { mapping, fileOf } = readConfigFiles({ paths: known });
  const path = mapping['pid_file'];
  if (typeof path !== 'string')
    throw new ConfigError("is missing: without it a running server can't be found", 'pid_file', fileOf('pid_file'));
  return resolve(path);
}
