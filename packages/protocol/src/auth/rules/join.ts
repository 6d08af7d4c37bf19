import { membershipOf } from '../auth-state.ts';
import { allowed, named, refuse, type AuthDecision } from '../decision.ts';
import { joinRuleOf, type MembershipChange } from './membership-change.ts';

/**
 * Rule 5.3: joining, but for the creator's first join. That the server of `join_authorised_via_users_server` has signed the
 * event (rule 5.2) is part of the signature check on receipt.
 */
export function checkJoin(change: MembershipChange): AuthDecision {
  const { event, target, targetMembership, version } = change;
  if (event.sender !== target) return refuse('join-for-another', 'a user can only join for themselves');
  if (targetMembership === 'ban') return refuse('target-banned', `${named(target)} is banned from the room`);
  const isWelcome = targetMembership === 'join' || targetMembership === 'invite';
  const joinRule = joinRuleOf(change);
  switch (joinRule) {
    case 'public':
      return allowed;
    case 'invite':
      return isWelcome ? allowed : refuseUninvited(target);
    case 'knock':
      if (!version.knock) break;
      return isWelcome ? allowed : refuseUninvited(target);
    case 'restricted':
      if (!version.restrictedJoins) break;
      return isWelcome ? allowed : checkAuthoriser(change);
    case 'knock_restricted':
      if (!version.knockRestricted) break;
      return isWelcome ? allowed : checkAuthoriser(change);
    default:
  }
  return refuse('join-rule-forbids', `the join rule ${named(joinRule)} lets nobody join`);
}

function refuseUninvited(target: string): AuthDecision {
  return refuse('join-not-invited', `${named(target)} is not invited to the room`);
}

/** Rule 5.3.5.2: a member who may invite vouches for the one who joins. */
function checkAuthoriser({ event, state, levels }: MembershipChange): AuthDecision {
  const authoriser = event.content['join_authorised_via_users_server'];
  if (typeof authoriser !== 'string') {
    return refuse('join-not-authorised', 'not invited, and no member of the room vouches for the join');
  }
  if (membershipOf(state, authoriser) !== 'join') {
    return refuse('join-authoriser-not-joined', `${named(authoriser)}, who vouches for the join, is not in the room`);
  }
  if (!levels.canInvite(authoriser)) {
    return refuse('join-authoriser-level-too-low', `${named(authoriser)}, who vouches for the join, may not invite`);
  }
  return allowed;
}
