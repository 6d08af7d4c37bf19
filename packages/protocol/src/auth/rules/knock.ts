import { allowed, named, refuse, type AuthDecision } from '../decision.ts';
import { joinRuleOf, type MembershipChange } from './membership-change.ts';

/** Rule 5.7, room version 7 and up: knocking. */
export function checkKnock(change: MembershipChange): AuthDecision {
  const { event, target, targetMembership, version } = change;
  const joinRule = joinRuleOf(change);
  if (joinRule !== 'knock' && !(version.knockRestricted && joinRule === 'knock_restricted')) {
    return refuse('knock-not-possible', `the join rule ${named(joinRule)} does not let anybody knock`);
  }
  if (event.sender !== target) return refuse('knock-for-another', 'a user can only knock for themselves');
  if (targetMembership === 'ban') return refuse('target-banned', `${named(target)} is banned from the room`);
  if (targetMembership === 'join' || targetMembership === 'invite') {
    return refuse('knock-already-member', `${named(target)} is in the room or invited already`);
  }
  return allowed;
}
