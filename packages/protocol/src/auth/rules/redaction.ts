import { allowed, named, refuse, type AuthDecision } from '../decision.ts';
import { domainOf } from '../auth-state.ts';
import { unreadableLevel, type AuthCheck } from './check.ts';

/**
 * Rule 11 of room versions 1 and 2: m.room.redaction needs the redact level, unless it and its target were made by the same
 * server. From version 3 on the level counts when the redaction is applied (`redactionApplies`), and all that is refused
 * is one that can't be read: the rules don't foresee that, and other servers fail on it.
 */
export function checkRedaction({ event, levels, version }: AuthCheck): AuthDecision {
  const own = levels.userLevel(event.sender);
  const needed = levels.actionLevel('redact');
  if (Number.isNaN(own) || Number.isNaN(needed)) return unreadableLevel();
  if (own >= needed || !version.redactionAuthRule) return allowed;
  const domain = domainOf(event.event_id ?? '');
  if (domain !== undefined && typeof event.redacts === 'string' && domainOf(event.redacts) === domain) return allowed;
  const message = `redacting events of other servers needs power level ${needed}, ${named(event.sender)} has ${own}`;
  return refuse('redact-level-too-low', message);
}
