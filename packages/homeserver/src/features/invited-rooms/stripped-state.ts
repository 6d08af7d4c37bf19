import { MatrixError } from '@myelin/api';
import {
  canonicalJson,
  CanonicalJsonError,
  createEventIdOfRoom,
  isJsonObject,
  parsePdu,
  parseUserId,
  stateMapKey,
  type JsonObject,
  type JsonValue,
  type RoomVersion,
} from '@myelin/protocol';

/** So many events tell enough of a room; what comes behind them is left out. */
const mostEvents = 100;
/** In UTF-16 units, of all together. */
const longestState = 131_072;
const longestField = 255;

/**
 * What another server tells of a room with an invite or a knock, as JSON texts for clients: each entry is checked by
 * itself, and left out if it isn't state, is of another room, or doesn't fit any more. Where the room's id is made from its
 * create event, that event must be there, whole, and be the one: throws M_INVALID_PARAM otherwise (MSC4311).
 */
export function checkStrippedState(state: unknown, roomId: string, version: RoomVersion): string[] {
  const given = Array.isArray(state) ? (state as JsonValue[]).slice(0, mostEvents) : [];
  const found = new Map<string, string>();
  let length = 0;
  for (const entry of given) {
    const stripped = strippedEvent(entry, roomId);
    if (!stripped) continue;
    const isCreate = version.roomIdIsCreateEventId && stripped.type === 'm.room.create' && stripped.stateKey === '';
    const text = isCreate ? wholeCreateEvent(entry as JsonObject, roomId, version) : stripped.text;
    length += text.length;
    if (length > longestState) break;
    const key = stateMapKey(stripped.type, stripped.stateKey);
    if (!found.has(key)) found.set(key, text);
  }
  if (version.roomIdIsCreateEventId && !found.has(stateMapKey('m.room.create', '')))
    throw new MatrixError('M_INVALID_PARAM', "The room's create event is missing from invite_room_state");
  return [...found.values()];
}

interface StrippedEvent {
  readonly type: string;
  readonly stateKey: string;
  readonly text: string;
}

/** Client-Server API §"Stripped state". */
function strippedEvent(entry: JsonValue, roomId: string): StrippedEvent | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { type, state_key: stateKey, sender, content, room_id: ofRoom } = entry;
  if (!isShortText(type) || !isShortText(stateKey) || typeof sender !== 'string' || !isJsonObject(content))
    return undefined;
  if (!parseUserId(sender) || (ofRoom !== undefined && ofRoom !== roomId)) return undefined;
  try {
    return { type, stateKey, text: canonicalJson({ content, sender, state_key: stateKey, type }, 'lenient') };
  } catch (error) {
    if (error instanceof CanonicalJsonError) return undefined;
    throw error;
  }
}

function wholeCreateEvent(entry: JsonObject, roomId: string, version: RoomVersion): string {
  const parsed = parsePdu(entry, version);
  if (!parsed.ok || parsed.eventId !== createEventIdOfRoom(roomId))
    throw new MatrixError('M_INVALID_PARAM', "The create event in invite_room_state isn't that of the room");
  return parsed.canonical.textWithoutUnsigned();
}

function isShortText(value: JsonValue | undefined): value is string {
  return typeof value === 'string' && Buffer.byteLength(value) <= longestField;
}
