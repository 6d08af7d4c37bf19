import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { Command, Option } from 'commander';
import { CliError, exitCode } from '../exit.ts';
import { reason } from '../files.ts';
import { registerUser } from '../register-user.ts';
import { defaultConfigPath } from '../server/default-config.ts';
import { registrationAccess } from '../registration-access.ts';
import { ask, askNewPassword } from '../terminal.ts';

interface Options {
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly user_type?: string;
  readonly admin?: boolean;
  readonly config?: readonly string[];
  readonly sharedSecret?: string;
  readonly existsOk?: true;
}

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
    .action(run);
}

async function run(url: string | undefined, options: Options): Promise<void> {
  const access = registrationAccess({
    url,
    secret: options.sharedSecret,
    paths: options.config ?? knownConfig(options),
  });
  const user = options.user ?? (await askUser());
  const password =
    options.passwordFile === undefined
      ? (options.password ?? (await askNewPassword()))
      : readPassword(options.passwordFile);
  if (password === '') throw new CliError("the password can't be empty", exitCode.usage);
  const admin = options.admin ?? /^(?:y|yes|true)$/i.test(await ask('Make admin [no]: '));
  const outcome = await registerUser(access, { user, password, admin, userType: options.user_type });
  if (outcome.kind === 'made') {
    console.log(`Success! ${outcome.userId} is there.`);
  } else if (outcome.code === 'M_USER_IN_USE' && options.existsOk) {
    console.log('User already exists. Skipping.');
  } else {
    throw new CliError(
      `the server refused: ${outcome.message} (${outcome.status}${outcome.code === undefined ? '' : ` ${outcome.code}`})`,
    );
  }
}

/** Without -c and -k: the configuration that `myelin start` would use. */
function knownConfig(options: Options): readonly string[] | undefined {
  if (options.sharedSecret !== undefined) return undefined;
  const path = defaultConfigPath();
  if (path !== undefined) return [path];
  throw new CliError('name the configuration (-c) or the shared secret (-k)', exitCode.usage);
}

async function askUser(): Promise<string> {
  const suggestion = userInfo().username;
  const answer = await ask(`New user localpart [${suggestion}]: `);
  return answer === '' ? suggestion : answer;
}

function readPassword(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new CliError(`${path} can't be read: ${reason(error)}`);
  }
}
