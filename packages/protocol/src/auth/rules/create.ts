import { parseUserId } from '../../identifiers/user-id.ts';
import type { JsonValue } from '../../json/value.ts';
import { roomVersion, type RoomVersion } from '../../room-versions.ts';
import { domainOf, type AuthSubject } from '../auth-state.ts';
import { allowed, named, refuse, type AuthDecision } from '../decision.ts';

/** Rule 1: m.room.create. */
export function checkCreate(event: AuthSubject, version: RoomVersion): AuthDecision {
  if (event.prev_events.length > 0)
    return refuse('create-has-prev-events', 'a create event must be the first of its room');
  if (version.roomIdIsCreateEventId) {
    if (event.room_id !== undefined) return refuse('create-has-room-id', 'the create event must not have a room_id');
    if (event.state_key !== '') return refuse('create-state-key', 'the state_key of the create event must be empty');
  } else {
    const senderDomain = domainOf(event.sender);
    const roomDomain = domainOf(event.room_id ?? '');
    if (senderDomain === undefined || roomDomain === undefined) {
      return refuse('id-without-domain', 'sender or room_id has no domain');
    }
    if (senderDomain !== roomDomain) {
      return refuse('create-room-id-domain', "the room id is not of the sender's server");
    }
  }
  const { content } = event;
  const declared = content['room_version'];
  if (declared !== undefined && (typeof declared !== 'string' || !roomVersion(declared))) {
    const name = typeof declared === 'string' ? named(declared) : 'which is not a string';
    return refuse('create-room-version-unknown', `unknown room version ${name}`);
  }
  if (version.creatorInContent && content['creator'] === undefined) {
    return refuse('create-creator-missing', 'the create event does not name the creator');
  }
  if (version.privilegedCreators && !areUserIds(content['additional_creators'])) {
    return refuse('create-additional-creators-invalid', 'additional_creators is not a list of user ids');
  }
  return allowed;
}

function areUserIds(value: JsonValue | undefined): boolean {
  if (value === undefined) return true;
  return (
    Array.isArray(value) && value.every((userId) => typeof userId === 'string' && parseUserId(userId) !== undefined)
  );
}
