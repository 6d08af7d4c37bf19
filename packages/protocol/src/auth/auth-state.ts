import { createEventIdOfRoom, type Pdu } from '../events/event.ts';
import { StateKeyMap } from '../events/state-key-map.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { RoomVersion } from '../room-versions.ts';

/** An event with its id, which the event itself doesn't have from room version 3 on. */
export interface EventWithId {
  readonly eventId: string;
  readonly pdu: Pdu;
  /** Whether the event was rejected when it was received (Server-Server API §5.1, "Rejection"). */
  readonly rejected?: boolean;
  /** Of a rejected event: whether only the state before it was against it, while its auth events allow it. */
  readonly rejectedByState?: boolean;
}

/** What the authorization rules read of the event that is checked; it need not be hashed and signed yet. */
export interface AuthSubject {
  readonly type: string;
  readonly sender: string;
  readonly room_id?: string;
  readonly state_key?: string;
  readonly content: JsonObject;
  readonly prev_events: Pdu['prev_events'];
  readonly redacts?: JsonValue;
  /** In room versions 1 and 2, where redactions depend on it. */
  readonly event_id?: string;
}

/** The room state that an event is checked against. Only the keys of `authTypesForEvent` and the create event are asked for. */
export interface AuthState {
  get(type: string, stateKey: string): EventWithId | undefined;
}

/** The state that consists of these events; of several with the same key the last counts. */
export function authStateOf(events: Iterable<EventWithId>): AuthState {
  const byKey = new StateKeyMap<EventWithId>();
  for (const event of events) {
    const { type, state_key: stateKey } = event.pdu;
    if (stateKey !== undefined) byKey.set(type, stateKey, event);
  }
  return byKey;
}

/** The room of an event; the create event of a version 12 room doesn't name it. */
export function roomIdOf(event: EventWithId, version: RoomVersion): string | undefined {
  if (event.pdu.room_id !== undefined || !version.roomIdIsCreateEventId) return event.pdu.room_id;
  return `!${event.eventId.slice(1)}`;
}

/** Whether this is the create event that a room id of version 12 stands for. */
export function isCreateOfRoom(create: EventWithId, roomId: string | undefined): boolean {
  return roomId !== undefined && createEventIdOfRoom(roomId) === create.eventId;
}

/** The membership of a user in a state; undefined without a member event or with a malformed one. */
export function membershipOf(state: AuthState, userId: string): string | undefined {
  const membership = state.get('m.room.member', userId)?.pdu.content['membership'];
  return typeof membership === 'string' ? membership : undefined;
}

/** The part after the first colon of a user, room or event id; undefined if there is no colon. */
export function domainOf(id: string): string | undefined {
  const colon = id.indexOf(':');
  return colon === -1 ? undefined : id.slice(colon + 1);
}
