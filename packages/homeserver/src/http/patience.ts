/** How long the server waits for those who call it, in milliseconds. */
export interface Patience {
  /** For the headers of a request to be whole, from the beginning of the connection or the end of the request before. */
  readonly headers: number;
  /** For the next part of a body that is under way, or for the client to take the next part of an answer. */
  readonly silence: number;
  /** A body that comes without falling silent has this time in any case … */
  readonly body: number;
  /** Between two looks at whether headers are late. */
  readonly checks: number;
}

export const defaultPatience: Patience = { headers: 60_000, silence: 60_000, body: 60_000, checks: 30_000 };

/** … and after it must have come at this speed, in bytes a second. */
export const slowestRate = 1024;
