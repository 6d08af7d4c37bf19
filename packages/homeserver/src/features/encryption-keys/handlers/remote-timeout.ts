const defaultTimeout = 10_000;
const longestTimeout = 60_000;

/** How long to wait for other servers, in milliseconds. */
export function remoteTimeout(asked: number | undefined): number {
  return Math.min(asked ?? defaultTimeout, longestTimeout);
}
