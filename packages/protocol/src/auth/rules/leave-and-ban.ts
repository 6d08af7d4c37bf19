import { allowed, named, refuse, type AuthDecision } from '../decision.ts';
import { unreadableLevel } from './check.ts';
import { refuseOutsider } from './generic.ts';
import type { MembershipChange } from './membership-change.ts';

/** Rule 5.5: leaving, refusing an invite, taking back a knock, kicking, unbanning. */
export function checkLeave(change: MembershipChange): AuthDecision {
  const { event, target, targetMembership, levels, version } = change;
  if (event.sender === target) {
    if (targetMembership === 'join' || targetMembership === 'invite') return allowed;
    if (targetMembership === 'knock' && version.knock) return allowed;
    return refuse('leave-without-membership', `${named(target)} is neither in the room nor invited`);
  }
  const outsider = refuseOutsider(change);
  if (outsider) return outsider;
  const own = levels.userLevel(event.sender);
  const banLevel = levels.actionLevel('ban');
  if (targetMembership === 'ban' && own < banLevel) {
    return refuse('unban-level-too-low', `unbanning needs power level ${banLevel}, ${named(event.sender)} has ${own}`);
  }
  const kickLevel = levels.actionLevel('kick');
  if (Number.isNaN(kickLevel)) return unreadableLevel();
  if (own < kickLevel) {
    return refuse('kick-level-too-low', `kicking needs power level ${kickLevel}, ${named(event.sender)} has ${own}`);
  }
  const targetLevel = levels.userLevel(target);
  if (own <= targetLevel) {
    return refuse('kick-target-level', `${named(target)} has power level ${targetLevel}, the sender ${own}`);
  }
  return allowed;
}

/** Rule 5.6: banning. */
export function checkBan(change: MembershipChange): AuthDecision {
  const { event, target, levels } = change;
  const outsider = refuseOutsider(change);
  if (outsider) return outsider;
  const own = levels.userLevel(event.sender);
  const banLevel = levels.actionLevel('ban');
  if (own < banLevel) {
    return refuse('ban-level-too-low', `banning needs power level ${banLevel}, ${named(event.sender)} has ${own}`);
  }
  const targetLevel = levels.userLevel(target);
  if (own <= targetLevel) {
    return refuse('ban-target-level', `${named(target)} has power level ${targetLevel}, the sender ${own}`);
  }
  return allowed;
}
