import { Command } from 'commander';
import { configPathOption, serverOptions, type ServerOptions } from '../options.ts';

export function startCommand(): Command {
  const command = new Command('start').description('start the server; without a configuration one is made in ./data');
  command.addOption(configPathOption());
  for (const option of serverOptions()) command.addOption(option);
  return command.action(async (options: ServerOptions) => (await import('../server/start.ts')).start(options));
}

export function restartCommand(): Command {
  const command = new Command('restart').description('stop the server if it runs, and start it');
  command.addOption(configPathOption());
  for (const option of serverOptions()) command.addOption(option);
  return command.action(async (options: ServerOptions) => (await import('../server/start.ts')).restart(options));
}

export function stopCommand(): Command {
  return new Command('stop')
    .description('stop the server that the pid file names, and wait until it has ended')
    .addOption(configPathOption())
    .action(async (options: ServerOptions) => (await import('../server/stop.ts')).stop(options));
}
