/** What the exit code of `myelin` and its companions says; docs/reference/command-line.md lists them. */
export const exitCode = {
  done: 0,
  /** It was tried, and didn't work. */
  failed: 1,
  /** The command line can't be understood. */
  usage: 2,
  /** The configuration is refused. */
  configuration: 3,
  /** start: it runs already. */
  running: 4,
  /** stop: it doesn't run. */
  notRunning: 5,
} as const;

/** An end with one sentence for the person at the terminal. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, code: number = exitCode.failed) {
    super(message);
    this.name = 'CliError';
    this.exitCode = code;
  }
}
