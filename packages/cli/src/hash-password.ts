import { readConfigFiles } from '@myelin/homeserver/config';
import { CliError, exitCode } from './exit.ts';
import { askNewPassword, readLine } from './terminal.ts';

export interface HashPasswordOptions {
  readonly password?: string;
  readonly config?: readonly string[];
  readonly rounds?: string;
}

/** Prints the hash of a password, made as the server makes it. */
export async function hashPassword(options: HashPasswordOptions): Promise<void> {
  const mapping = options.config === undefined ? {} : readConfigFiles({ paths: options.config }).mapping;
  const settings = (mapping['password_config'] ?? {}) as Readonly<Record<string, unknown>>;
  const pepper = typeof settings['pepper'] === 'string' ? settings['pepper'] : '';
  const bcryptRounds = Number(options.rounds ?? mapping['bcrypt_rounds'] ?? 12);
  if (!Number.isInteger(bcryptRounds) || bcryptRounds < 4 || bcryptRounds > 31) {
    throw new CliError('the rounds must be a number from 4 to 31', exitCode.usage);
  }
  const password = options.password ?? (process.stdin.isTTY ? await askNewPassword() : (await readLine()).trim());
  if (password === '') throw new CliError("the password can't be empty", exitCode.usage);
  if (Buffer.byteLength(password.normalize('NFKC') + pepper) > 72) {
    console.error('myelin: password and pepper together are longer than 72 bytes; bcrypt uses the first 72');
  }
  const { Passwords } = await import('@myelin/homeserver');
  console.log(await new Passwords({ bcryptRounds, pepper }).hash(password));
}
