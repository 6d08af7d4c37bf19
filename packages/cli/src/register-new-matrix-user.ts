import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { CliError, exitCode } from './exit.ts';
import { reason } from './files.ts';
import { registerUser } from './register-user.ts';
import { registrationAccess } from './registration-access.ts';
import { defaultConfigPath } from './server/default-config.ts';
import { ask, askNewPassword } from './terminal.ts';

export interface RegisterOptions {
  readonly user?: string;
  readonly password?: string;
  readonly passwordFile?: string;
  readonly user_type?: string;
  readonly admin?: boolean;
  readonly config?: readonly string[];
  readonly sharedSecret?: string;
  readonly existsOk?: true;
}

/** Makes an account on a running server, asking for what isn't given. */
export async function registerNewMatrixUser(url: string | undefined, options: RegisterOptions): Promise<void> {
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
function knownConfig(options: RegisterOptions): readonly string[] | undefined {
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
