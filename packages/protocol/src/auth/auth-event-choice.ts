import type { RoomVersion } from '../room-versions.ts';
import { isCreateOfRoom, roomIdOf, type AuthSubject, type EventWithId } from './auth-state.ts';
import { authTypesForEvent } from './auth-types.ts';
import { allowed, named, refuse, type AuthDecision } from './decision.ts';

/**
 * Rule 2 (2 and 3 from version 12 on): whether the choice of auth events is right. Doesn't depend on the room state, so
 * each event is checked once.
 *
 * `authEvents`: all that the event names in `auth_events` (every one must be known), in version 12 also the create event
 * that the room id stands for, if it is known.
 */
export function checkAuthEventChoice(
  event: AuthSubject,
  authEvents: readonly EventWithId[],
  version: RoomVersion,
): AuthDecision {
  if (event.type === 'm.room.create') return allowed;
  // The lists are short: looking through them is quicker than putting names together for sets.
  const expected = authTypesForEvent(event, version);
  let create: EventWithId | undefined;
  for (let i = 0; i < authEvents.length; i++) {
    const authEvent = authEvents[i] as EventWithId;
    const { type, state_key: stateKey } = authEvent.pdu;
    if (roomIdOf(authEvent, version) !== event.room_id) {
      return refuse('auth-event-other-room', `the auth event ${named(authEvent.eventId)} is of another room`);
    }
    const isCreate = type === 'm.room.create' && stateKey === '';
    const isImpliedCreate = isCreate && version.roomIdIsCreateEventId && isCreateOfRoom(authEvent, event.room_id);
    if (stateKey !== undefined && hasBefore(authEvents, i, type, stateKey)) {
      return refuse('auth-event-duplicate', `two auth events are ${named(type)} with the same state_key`);
    }
    const isExpected = expected.some((pair) => pair.type === type && pair.stateKey === stateKey);
    if (!isImpliedCreate && !isExpected) {
      return refuse('auth-event-not-expected', `${named(type)} does not authorize an event of this kind`);
    }
    if (authEvent.rejected) {
      return refuse('auth-event-rejected', `the auth event ${named(authEvent.eventId)} was rejected`);
    }
    if (isCreate) create = authEvent;
  }
  if (!create) return refuse('create-missing', 'no create event is among the auth events');
  return allowed;
}

function hasBefore(events: readonly EventWithId[], end: number, type: string, stateKey: string): boolean {
  for (let i = 0; i < end; i++) {
    const { pdu } = events[i] as EventWithId;
    if (pdu.type === type && pdu.state_key === stateKey) return true;
  }
  return false;
}
