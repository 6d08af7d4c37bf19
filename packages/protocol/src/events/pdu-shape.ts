import type { Pdu } from './event.ts';
import { getOwn, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../json/value.ts';
import type { RoomVersion } from '../room-versions.ts';

export type ShapeProblem =
  | 'not-an-object'
  | 'missing-type-or-depth'
  | 'depth-not-integer'
  | 'depth-negative'
  | 'depth-too-large'
  | 'unsigned-not-object'
  | 'wrong-type'
  | 'event-id-present'
  | 'room-id'
  | 'auth-events-name-create'
  | 'too-deep';

/**
 * Whether an object is a PDU of the room version by the names and types of its members (Room Versions, "Event format"):
 * the first problem found, or undefined. What `unsigned` has in it doesn't matter.
 */
export function findShapeProblem(event: JsonValue, version: RoomVersion): ShapeProblem | undefined {
  if (!isJsonObject(event)) return 'not-an-object';
  const type = getOwn(event, 'type');
  const depth = getOwn(event, 'depth');
  if (type === undefined || depth === undefined) return 'missing-type-or-depth';
  const depthProblem = findDepthProblem(depth);
  if (depthProblem) return depthProblem;
  const unsigned = getOwn(event, 'unsigned');
  if (unsigned !== undefined && !isJsonObject(unsigned)) return 'unsigned-not-object';
  if (!hasCommonMembers(event) || !hasReferences(event, version)) return 'wrong-type';
  if (version.eventIdFormat === 'sender-chosen') {
    if (typeof getOwn(event, 'event_id') !== 'string') return 'wrong-type';
  } else if (Object.hasOwn(event, 'event_id')) {
    return 'event-id-present';
  }
  return findRoomIdProblem(event as Pdu, version) ?? (isTooDeep(event) ? 'too-deep' : undefined);
}

/** In room versions 1 to 5 the specification would let depths up to 2^63-1 pass; no server in use does. */
function findDepthProblem(depth: JsonValue): ShapeProblem | undefined {
  const isInteger =
    typeof depth === 'number' ? Number.isInteger(depth) : depth instanceof JsonNumber && depth.isInteger;
  if (!isInteger) return 'depth-not-integer';
  if (Number(depth) < 0) return 'depth-negative';
  return typeof depth === 'number' && Number.isSafeInteger(depth) ? undefined : 'depth-too-large';
}

function hasCommonMembers(event: JsonObject): boolean {
  const stateKey = getOwn(event, 'state_key');
  const signatures = getOwn(event, 'signatures');
  return (
    typeof getOwn(event, 'type') === 'string' &&
    typeof getOwn(event, 'sender') === 'string' &&
    isJsonObject(getOwn(event, 'content')) &&
    (stateKey === undefined || typeof stateKey === 'string') &&
    isInt64(getOwn(event, 'origin_server_ts')) &&
    isMapOfStrings(getOwn(event, 'hashes')) &&
    (signatures === undefined || (isJsonObject(signatures) && Object.values(signatures).every(isMapOfStrings)))
  );
}

function hasReferences(event: JsonObject, version: RoomVersion): boolean {
  const isReference =
    version.eventReferences === 'id' ? (value: JsonValue) => typeof value === 'string' : isReferenceWithHash;
  return ['prev_events', 'auth_events'].every((key) => {
    const references = getOwn(event, key);
    return Array.isArray(references) && references.every(isReference);
  });
}

function isReferenceWithHash(value: JsonValue): boolean {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isMapOfStrings(value[1]);
}

function isMapOfStrings(value: JsonValue | undefined): boolean {
  return isJsonObject(value) && Object.values(value).every((member) => typeof member === 'string');
}

function isInt64(value: JsonValue | undefined): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return value instanceof JsonNumber && value.isInteger && BigInt.asIntN(64, BigInt(value.text)) === BigInt(value.text);
}

/** From version 12 on the create event has no room_id and the others' is made of its id. */
function findRoomIdProblem(event: Pdu, version: RoomVersion): ShapeProblem | undefined {
  const roomId = getOwn(event, 'room_id');
  if (!version.roomIdIsCreateEventId) return typeof roomId === 'string' ? undefined : 'wrong-type';
  if (event.type === 'm.room.create' && event.state_key === '') return roomId === undefined ? undefined : 'room-id';
  if (typeof roomId !== 'string' || !roomId.startsWith('!')) return 'room-id';
  return event.auth_events.includes(`$${roomId.slice(1)}`) ? 'auth-events-name-create' : undefined;
}

/**
 * The specification sets no limit to nesting. Other servers stop at this depth, the event itself being the first level;
 * one that we accepted and they didn't would split the room.
 */
const maxLevels = 127;

function isTooDeep(event: JsonObject): boolean {
  for (const key of Object.keys(event)) {
    if (key !== 'unsigned' && exceeds(event[key] as JsonValue, maxLevels - 1)) return true;
  }
  return false;
}

function exceeds(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null || value instanceof JsonNumber) return false;
  if (levels === 0) return true;
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (exceeds(member, levels - 1)) return true;
  }
  return false;
}
