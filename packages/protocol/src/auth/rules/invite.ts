import { allowed, named, refuse, type AuthDecision } from '../decision.ts';
import { refuseOutsider } from './generic.ts';
import type { MembershipChange } from './membership-change.ts';
import { checkThirdPartyInvite } from './third-party-invite.ts';

/** Rule 5.4: inviting. */
export function checkInvite(change: MembershipChange): AuthDecision {
  const { event, target, targetMembership, levels } = change;
  if (event.content['third_party_invite'] !== undefined) return checkThirdPartyInvite(change);
  const outsider = refuseOutsider(change);
  if (outsider) return outsider;
  if (targetMembership === 'ban') return refuse('target-banned', `${named(target)} is banned from the room`);
  if (targetMembership === 'join') return refuse('target-already-joined', `${named(target)} is already in the room`);
  const own = levels.userLevel(event.sender);
  const needed = levels.actionLevel('invite');
  if (own >= needed) return allowed;
  return refuse('invite-level-too-low', `inviting needs power level ${needed}, ${named(event.sender)} has ${own}`);
}
