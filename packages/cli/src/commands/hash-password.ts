import { Command } from 'commander';
import type { HashPasswordOptions } from '../hash-password.ts';

export function hashPasswordCommand(): Command {
  return new Command('hash_password')
    .description('print the hash of a password, as the server stores it')
    .option('-p, --password <password>', 'the password; without it, it is asked for')
    .option(
      '-c, --config <path>',
      'configuration, for bcrypt_rounds and the pepper',
      (path: string, before?: readonly string[]) => [...(before ?? []), path],
    )
    .option('-r, --rounds <rounds>', 'bcrypt_rounds, if not those of the configuration')
    .action(async (options: HashPasswordOptions) => (await import('../hash-password.ts')).hashPassword(options));
}
