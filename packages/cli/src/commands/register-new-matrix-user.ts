import { Command, Option } from 'commander';
import type { RegisterOptions } from '../register-new-matrix-user.ts';

export function registerNewMatrixUserCommand(): Command {
  return new Command('register_new_matrix_user')
    .description('make an account on a running server, with its registration_shared_secret')
    .argument('[server_url]', 'address of the server; by default that of the configuration, or http://localhost:8008')
    .option('-u, --user <name>', 'local part of the new user; without it, it is asked for')
    .option('--exists-ok', "don't fail if the user exists")
    .addOption(
      new Option('-p, --password <password>', 'password; without it, it is asked for').conflicts('passwordFile'),
    )
    .option('--password-file <file>', 'file that holds the password')
    .option('-t, --user_type <type>', 'type of the user, e.g. bot or support')
    .option('-a, --admin', 'make an administrator of the server')
    .option('--no-admin', 'make a user without such rights')
    .addOption(
      new Option('-c, --config <path>', 'configuration, for the shared secret; may be given again')
        .argParser((path: string, before: readonly string[] | undefined) => [...(before ?? []), path])
        .conflicts('sharedSecret'),
    )
    .option('-k, --shared-secret <secret>', 'the shared secret itself')
    .action(async (url: string | undefined, options: RegisterOptions) =>
      (await import('../register-new-matrix-user.ts')).registerNewMatrixUser(url, options),
    );
}
