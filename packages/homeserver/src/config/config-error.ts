/**
 * A configuration that can't be used. `message` is one sentence for the administrator, beginning with the file
 * (if it is known) and the option: `homeserver.yaml: listeners[0].port: expected a number from 0 to 65535, not "x"`.
 */
export class ConfigError extends Error {
  readonly file: string | undefined;
  /** Option path as in the reference, e.g. `listeners[0].port`; empty when the whole file is meant. */
  readonly option: string;
  readonly problem: string;

  constructor(problem: string, option = '', file?: string) {
    super([file, option, problem].filter((part) => part !== undefined && part !== '').join(': '));
    this.name = 'ConfigError';
    this.file = file;
    this.option = option;
    this.problem = problem;
  }
}
