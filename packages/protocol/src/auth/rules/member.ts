import { prevEventIds } from '../../events/event.ts';
import { domainOf, membershipOf } from '../auth-state.ts';
import { roomCreators } from '../creators.ts';
import { allowed, named, refuse, type AuthDecision } from '../decision.ts';
import { checkBan, checkLeave } from './leave-and-ban.ts';
import { unreadableLevel, type AuthCheck } from './check.ts';
import { checkInvite } from './invite.ts';
import { checkJoin } from './join.ts';
import { checkKnock } from './knock.ts';
import type { MembershipChange } from './membership-change.ts';

/** Rule 5 (4 in versions 6 to 11): m.room.member. */
export function checkMember(check: AuthCheck): AuthDecision {
  const { event, version } = check;
  const membership = event.content['membership'];
  const target = event.state_key;
  if (target === undefined || membership === undefined) {
    return refuse('membership-missing', 'the event has no state_key or no membership');
  }
  if (membership === 'join' && isCreatorsFirstJoin(check, target)) return allowed;
  // The rules leave open what a user without a domain is; other servers refuse it.
  if (domainOf(target) === undefined) return refuse('id-without-domain', 'the state_key is not a user id');
  if (hasUnreadableLevel(check, target)) return unreadableLevel();

  const change: MembershipChange = { ...check, target, targetMembership: membershipOf(check.state, target) };
  switch (membership) {
    case 'join':
      return checkJoin(change);
    case 'invite':
      return checkInvite(change);
    case 'leave':
      return checkLeave(change);
    case 'ban':
      return checkBan(change);
    case 'knock':
      if (version.knock) return checkKnock(change);
      break;
    default:
  }
  const name = typeof membership === 'string' ? named(membership) : 'which is not a string';
  return refuse('membership-unknown', `unknown membership ${name}`);
}

function isCreatorsFirstJoin({ event, create, version }: AuthCheck, target: string): boolean {
  const previous = prevEventIds(event, version);
  if (previous.length !== 1 || previous[0] !== create.eventId) return false;
  return roomCreators(create.pdu, version).userIds[0] === target;
}

/**
 * An m.room.power_levels event whose values for this change can't be read (possible before version 10) authorizes no
 * change of membership at all, needed or not: the rules don't foresee such values, and other servers do the same.
 */
function hasUnreadableLevel({ event, levels }: AuthCheck, target: string): boolean {
  return (
    Number.isNaN(levels.userLevel(event.sender)) ||
    Number.isNaN(levels.userLevel(target)) ||
    Number.isNaN(levels.actionLevel('invite')) ||
    Number.isNaN(levels.actionLevel('ban'))
  );
}
