import type { JsonObject, JsonValue } from '../json/value.ts';
import type { RoomVersion } from '../room-versions.ts';

/** How an event names another: `[id, hashes]` in room versions 1 and 2, the id from 3 on. */
export type EventReference = string | [id: string, hashes: JsonObject];

/**
 * A PDU before it is hashed and signed. It may have any other top-level keys. `origin_server_ts` is in milliseconds.
 * `room_id` is missing in the create event of a version 12 room, `event_id` is there in versions 1 and 2 only.
 */
export type UnsignedPdu = {
  type: string;
  sender: string;
  room_id?: string;
  state_key?: string;
  content: JsonObject;
  depth: number;
  origin_server_ts: number;
  prev_events: EventReference[];
  auth_events: EventReference[];
  unsigned?: JsonObject;
  redacts?: JsonValue;
  event_id?: string;
  [key: string]: JsonValue;
};

/**
 * A PDU as parsed JSON whose format was checked (`checkEventFormat`). In versions 1 to 5 origin_server_ts can be any 64-bit
 * integer; beyond 2^53-1 it is a JsonNumber in fact: `Number(event.origin_server_ts)` is a number always.
 */
export type Pdu = UnsignedPdu & {
  hashes: JsonObject;
  signatures: JsonObject;
};

/** A key of the room state. */
export interface StateKeyPair {
  readonly type: string;
  readonly stateKey: string;
}

/** One string for a (type, state_key) pair, unambiguous whatever characters they contain: for keys of Maps. */
export function stateMapKey(type: string, stateKey: string): string {
  return `${type.length}:${type}${stateKey}`;
}

export function isStateEvent(event: Pdu): event is Pdu & { state_key: string } {
  return event.state_key !== undefined;
}

/** The ids of the events before this one. */
export function prevEventIds(event: Pick<Pdu, 'prev_events'>, version: RoomVersion): string[] {
  return referencedIds(event.prev_events, version);
}

/** The ids that the event names in `auth_events`; in version 12 the create event isn't among them (see `room_id`). */
export function authEventIds(event: Pick<Pdu, 'auth_events'>, version: RoomVersion): string[] {
  return referencedIds(event.auth_events, version);
}

function referencedIds(references: readonly EventReference[], version: RoomVersion): string[] {
  if (version.eventReferences === 'id') return references as string[];
  return references.map(referencedId);
}

/** The id in a reference of whatever room version. */
export function referencedId(reference: EventReference): string {
  return typeof reference === 'string' ? reference : reference[0];
}

/** The id of the create event that a version 12 room id is made from: the same with `$` for `!`. */
export function createEventIdOfRoom(roomId: string): string {
  return `$${roomId.slice(1)}`;
}

/** The id of the event that a redaction is about, wherever the version has it; undefined if there is none. */
export function redactsOf(event: Pdu, version: RoomVersion): string | undefined {
  const target = version.redactsInContent ? event.content['redacts'] : event.redacts;
  return typeof target === 'string' ? target : undefined;
}
