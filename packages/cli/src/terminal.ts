import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { CliError, exitCode } from './exit.ts';

/** Asks on the terminal; `hidden` shows nothing of the answer. Without a terminal a line is read. */
export async function ask(question: string, hidden = false): Promise<string> {
  const terminal = process.stdin.isTTY === true;
  let silent = false;
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!silent) process.stderr.write(chunk);
      done();
    },
  });
  const lines = createInterface({ input: process.stdin, output, terminal });
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('close', () => reject(new CliError('no answer was given', exitCode.usage)));
      lines.once('SIGINT', () => lines.close());
      lines.question(question, resolve);
      silent = hidden;
    });
  } finally {
    lines.removeAllListeners('close');
    lines.close();
    if (hidden && terminal) process.stderr.write('\n');
  }
}

/** A new password, asked for twice. */
export async function askNewPassword(): Promise<string> {
  const password = await ask('Password: ', true);
  if (password === '') throw new CliError("the password can't be empty", exitCode.usage);
  if ((await ask('Confirm password: ', true)) !== password)
    throw new CliError("the passwords don't match", exitCode.usage);
  return password;
}

/** One line of the standard input, where that isn't a terminal. */
export async function readLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}
