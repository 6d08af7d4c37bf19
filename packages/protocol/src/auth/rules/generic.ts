import { membershipOf } from '../auth-state.ts';
import { allowed, named, refuse, type AuthDecision, type AuthRefusal } from '../decision.ts';
import { unreadableLevel, type AuthCheck } from './check.ts';

/** Rule 6: the sender must be in the room. */
export function refuseOutsider({ event, state }: AuthCheck): AuthRefusal | undefined {
  if (membershipOf(state, event.sender) === 'join') return undefined;
  return refuse('sender-not-joined', `${named(event.sender)} is not joined to the room`);
}

/** Rule 7: m.room.third_party_invite needs the invite level and nothing else. */
export function checkThirdPartyInviteEvent({ event, levels }: AuthCheck): AuthDecision {
  const own = levels.userLevel(event.sender);
  const needed = levels.actionLevel('invite');
  if (own >= needed) return allowed;
  if (Number.isNaN(own) || Number.isNaN(needed)) return unreadableLevel();
  return refuse('invite-level-too-low', `inviting needs power level ${needed}, ${named(event.sender)} has ${own}`);
}

/** Rules 8 and 9: the level that the event type requires, and state that belongs to a user. */
export function refuseSending({ event, levels }: AuthCheck): AuthRefusal | undefined {
  const own = levels.userLevel(event.sender);
  const required = levels.requiredLevel(event.type, event.state_key !== undefined);
  if (!(own >= required)) {
    if (Number.isNaN(own) || Number.isNaN(required)) return unreadableLevel();
    const message = `sending ${named(event.type)} needs power level ${required}, ${named(event.sender)} has ${own}`;
    return refuse('send-level-too-low', message);
  }
  if (event.state_key?.startsWith('@') && event.state_key !== event.sender) {
    return refuse('state-key-of-another-user', `the state_key is the user ${named(event.state_key)}, not the sender`);
  }
  return undefined;
}
