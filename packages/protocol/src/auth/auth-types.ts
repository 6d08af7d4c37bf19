import type { StateKeyPair } from '../events/event.ts';
import { isJsonObject } from '../json/value.ts';
import type { RoomVersion } from '../room-versions.ts';
import type { AuthSubject } from './auth-state.ts';

const powerLevels: StateKeyPair = { type: 'm.room.power_levels', stateKey: '' };
const joinRules: StateKeyPair = { type: 'm.room.join_rules', stateKey: '' };
const create: StateKeyPair = { type: 'm.room.create', stateKey: '' };

/**
 * The keys of the room state from which an event's `auth_events` are taken (Server-Server API §5.1, "Auth events
 * selection"), without duplicates. The create event isn't among them from version 12 on, though the rules still need it.
 */
export function authTypesForEvent(
  event: Pick<AuthSubject, 'type' | 'sender' | 'state_key' | 'content'>,
  version: RoomVersion,
): StateKeyPair[] {
  if (event.type === 'm.room.create') return [];
  const pairs = version.roomIdIsCreateEventId ? [powerLevels] : [create, powerLevels];
  pairs.push({ type: 'm.room.member', stateKey: event.sender });
  if (event.type === 'm.room.member') addForMember(pairs, event, version);
  return pairs;
}

function addForMember(
  pairs: StateKeyPair[],
  { sender, state_key: target, content }: Pick<AuthSubject, 'sender' | 'state_key' | 'content'>,
  version: RoomVersion,
): void {
  const { membership } = content;
  if (target !== undefined && target !== sender) pairs.push({ type: 'm.room.member', stateKey: target });
  if (membership === 'join' || membership === 'invite' || membership === 'knock') pairs.push(joinRules);
  if (membership === 'invite') {
    const token = thirdPartyInviteToken(content['third_party_invite']);
    if (token !== undefined) pairs.push({ type: 'm.room.third_party_invite', stateKey: token });
  }
  if (membership === 'join' && version.restrictedJoins) {
    const authoriser = content['join_authorised_via_users_server'];
    if (typeof authoriser === 'string' && authoriser !== sender && authoriser !== target) {
      pairs.push({ type: 'm.room.member', stateKey: authoriser });
    }
  }
}

function thirdPartyInviteToken(invite: unknown): string | undefined {
  const signed = isJsonObject(invite) ? invite['signed'] : undefined;
  const token = isJsonObject(signed) ? signed['token'] : undefined;
  return typeof token === 'string' ? token : undefined;
}
