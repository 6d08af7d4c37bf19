import { allowed, named, refuse, type AuthDecision } from '../decision.ts';
import { domainOf } from '../auth-state.ts';
import { unreadableLevel, type AuthCheck } from './check.ts';

/**
 * Rule 11 of room versions 1 and 2: m.room.redaction needs the redact level, unless it and its target were made by the same
 * server. From version 3 on see `redactionApplies`.
 */
export function checkRedaction({ event, levels }: AuthCheck): AuthDecision {
  const own = levels.userLevel(event.sender);
  const needed = levels.actionLevel('redact');
  if (own >= needed) return allowed;
  if (Number.isNaN(own) || Number.isNaN(needed)) return unreadableLevel();
  const domain = domainOf(event.event_id ?? '');
  if (domain !== undefined && typeof event.redacts === 'string' && domainOf(event.redacts) === domain) return allowed;
  const message = `redacting events of other servers needs power level ${needed}, ${named(event.sender)} has ${own}`;
  return refuse('redact-level-too-low', message);
}
