import type { RoomVersion } from '../room-versions.ts';
import { isCreateOfRoom, type AuthState, type AuthSubject } from './auth-state.ts';
import { allowed, refuse, type AuthDecision } from './decision.ts';
import { PowerLevels } from './power-levels.ts';
import { checkAliases } from './rules/aliases.ts';
import type { AuthCheck } from './rules/check.ts';
import { checkCreate } from './rules/create.ts';
import { refuseForeigner } from './rules/federation.ts';
import { checkThirdPartyInviteEvent, refuseOutsider, refuseSending } from './rules/generic.ts';
import { checkMember } from './rules/member.ts';
import { checkPowerLevels } from './rules/power-levels.ts';
import { checkRedaction } from './rules/redaction.ts';

/**
 * The authorization rules of a room version for an event against a state (Room Versions, "Authorisation rules"), without
 * the choice of its auth events, for which see `checkAuthEventChoice`. The state is the event's own auth events, the state
 * before it, or the current state (Server-Server API §5.1, checks 4 to 6). `levels` may be given by who keeps them for
 * this state.
 */
export function checkEventAuth(
  event: AuthSubject,
  state: AuthState,
  version: RoomVersion,
  levels?: PowerLevels,
): AuthDecision {
  if (event.type === 'm.room.create') return checkCreate(event, version);
  const create = state.get('m.room.create', '');
  if (!create) return refuse('create-missing', 'the state has no create event');
  if (version.roomIdIsCreateEventId && !isCreateOfRoom(create, event.room_id)) {
    return refuse('auth-event-other-room', 'the room id does not stand for the create event');
  }
  const check: AuthCheck = { event, create, state, version, levels: levels ?? PowerLevels.ofState(state, version) };
  return refuseForeigner(check) ?? checkByType(check);
}

function checkByType(check: AuthCheck): AuthDecision {
  const { event, version } = check;
  if (event.type === 'm.room.aliases' && version.aliasesAuthRule) return checkAliases(check);
  if (event.type === 'm.room.member') return checkMember(check);
  const outsider = refuseOutsider(check);
  if (outsider) return outsider;
  if (event.type === 'm.room.third_party_invite') return checkThirdPartyInviteEvent(check);
  const sending = refuseSending(check);
  if (sending) return sending;
  if (event.type === 'm.room.power_levels') return checkPowerLevels(check);
  if (event.type === 'm.room.redaction') return checkRedaction(check);
  return allowed;
}
