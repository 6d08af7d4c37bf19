import { domainOf } from '../auth-state.ts';
import { allowed, refuse, type AuthDecision } from '../decision.ts';
import type { AuthCheck } from './check.ts';

/** Rule 4 of room versions 1 to 5: m.room.aliases belongs to the server that its state_key names. */
export function checkAliases({ event }: AuthCheck): AuthDecision {
  if (event.state_key === undefined || event.state_key !== domainOf(event.sender)) {
    return refuse('aliases-state-key', "the state_key of m.room.aliases must be the sender's domain");
  }
  return allowed;
}
