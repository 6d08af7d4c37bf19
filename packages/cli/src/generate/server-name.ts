import { isServerName } from '@myelin/protocol';
import { CliError, exitCode } from '../exit.ts';

/** The name, or an end with a sentence if it can't be one. */
export function checkedServerName(name: string): string {
  if (isServerName(name)) return name;
  throw new CliError(
    `${JSON.stringify(name)} isn't a server name; expected a host name such as example.org, without https:// or a path`,
    exitCode.usage,
  );
}
