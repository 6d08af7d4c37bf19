import { MatrixError } from '@myelin/api';
import type { Clock } from '@myelin/runtime';
import { FederationError } from '../federation-client/index.ts';
import { isForbidden, mayAskOthers, refusalFor } from './refusals.ts';

/** After so long no further server is asked, in milliseconds. */
const longestSearch = 120_000;
/** One server may be behind the others; two that forbid the same are believed. */
const mostForbidding = 2;

/**
 * Asks servers one after another until one does what is wanted, and those of `lastResort` if none of them answers at all. Throws
 * MatrixError: the refusal that says most, or M_NOT_FOUND if there is nobody to ask. `what` says what fails, for the
 * message.
 */
export async function askInTurn<T>(
  servers: readonly string[],
  what: string,
  clock: Clock,
  ask: (server: string) => Promise<T>,
  lastResort: readonly string[] = [],
): Promise<T> {
  const deadline = clock.monotonic() + longestSearch;
  const waiting = [...servers];
  const resorts = lastResort.filter((server) => !servers.includes(server));
  let failure: unknown;
  let forbidding = 0;
  for (;;) {
    const server = waiting.shift() ?? (weight(failure) <= silence ? resorts.shift() : undefined);
    if (server === undefined) break;
    try {
      return await ask(server);
    } catch (error) {
      if (!mayAskOthers(error)) throw refusalFor(error, what);
      if (weight(error) > weight(failure)) failure = error;
      if (isForbidden(error)) forbidding++;
      if (forbidding >= mostForbidding || clock.monotonic() > deadline) break;
    }
  }
  if (failure !== undefined) throw refusalFor(failure, what);
  throw new MatrixError('M_NOT_FOUND', `${what}: no servers are known that are in the room`);
}

const silence = 1;

/** An answer says more than silence, and a refusal more than that a server doesn't know the room. */
function weight(error: unknown): number {
  if (error === undefined) return 0;
  if (!(error instanceof FederationError)) return 2;
  if (isForbidden(error)) return 5;
  if (error.kind === 'refused') return error.status === 404 ? 3 : 4;
  return silence;
}
