/** What the log tells of an error. */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: string;
  readonly kind?: string;
  readonly cause?: LoggedError;
}

const mostCauses = 5;

/**
 * The facts of an error that may be logged: not its other members, in which libraries put what they were working on (rows,
 * requests), nor what the parser of JSON says, which quotes what it read. What isn't an Error is given back as it is.
 */
export function loggedError(error: unknown, stackOf: (stack: string) => string, causes = 0): unknown {
  if (!(error instanceof Error)) return error;
  const quotes = error instanceof SyntaxError;
  const message = quotes ? 'a text could not be parsed' : error.message;
  const { stack = '' } = error;
  const { code, kind } = error as { code?: unknown; kind?: unknown };
  return {
    type: error.name,
    message,
    stack: stackOf(quotes ? stack.replace(error.message, () => message) : stack),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof kind === 'string' ? { kind } : {}),
    ...(error.cause instanceof Error && causes < mostCauses
      ? { cause: loggedError(error.cause, stackOf, causes + 1) }
      : {}),
  };
}
