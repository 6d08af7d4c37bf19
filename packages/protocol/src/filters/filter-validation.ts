import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** Bounds of what a client may send as a filter. */
export const filterLimits = {
  /** UTF-16 units of the filter's JSON. */
  text: 65_536,
  listEntries: 2048,
  /** UTF-16 units of an entry of a list. */
  entry: 512,
} as const;

type Check = (value: JsonValue) => string | undefined;
type Shape = Readonly<Record<string, Check>>;

const boolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');

/**
 * The specification wants integers above 0. 0 is let through because clients send it to get no old events
 * (matrix-js-sdk's `initialSyncLimit: 0`).
 */
const limit: Check = (value) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? undefined : 'must be an integer, at least 0';

function listOf(what: string, isEntry: (entry: string) => boolean): Check {
  return (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    if (value.length > filterLimits.listEntries) return 'has too many entries';
    for (const entry of value) {
      if (typeof entry !== 'string' || !isEntry(entry)) return `must be a list of ${what}`;
      if (entry.length > filterLimits.entry) return 'has an entry that is too long';
    }
    return undefined;
  };
}

const strings = listOf('strings', () => true);
/** Wildcards aren't known here: an entry that is no id could never match, so it is refused. */
const userIds = listOf('user ids', (entry) => /^@[^:]*:./s.test(entry));
const roomIds = listOf('room ids', (entry) => /^!(?:[^:]*:.|[A-Za-z0-9_-]{43}$)/s.test(entry));

const eventFilter: Shape = {
  limit,
  senders: userIds,
  not_senders: userIds,
  types: strings,
  not_types: strings,
};

const roomEventFilter: Shape = {
  ...eventFilter,
  rooms: roomIds,
  not_rooms: roomIds,
  contains_url: boolean,
  lazy_load_members: boolean,
  include_redundant_members: boolean,
  unread_thread_notifications: boolean,
  related_by_senders: strings,
  related_by_rel_types: strings,
  'org.matrix.labels': strings,
  'org.matrix.not_labels': strings,
};

const roomFilter: Shape = {
  rooms: roomIds,
  not_rooms: roomIds,
  include_leave: boolean,
  ephemeral: object(roomEventFilter),
  state: object(roomEventFilter),
  timeline: object(roomEventFilter),
  account_data: object(roomEventFilter),
};

const filter: Shape = {
  event_fields: strings,
  event_format: (value) =>
    value === 'client' || value === 'federation' ? undefined : "must be 'client' or 'federation'",
  presence: object(eventFilter),
  account_data: object(eventFilter),
  room: object(roomFilter),
};

/** Members that the shape doesn't name may be anything. */
function object(shape: Shape): Check {
  return (value) => {
    if (!isJsonObject(value)) return 'must be an object';
    for (const [name, check] of Object.entries(shape)) {
      if (!Object.hasOwn(value, name)) continue;
      const fault = check(value[name] as JsonValue);
      if (fault !== undefined) return `${name}: ${fault}`;
    }
    return undefined;
  };
}

/** What is wrong with a filter (`POST /user/{userId}/filter`, `filter` of /sync), as a sentence; undefined: nothing. */
export function faultOfFilter(value: JsonValue): string | undefined {
  return faultOf(filter, value);
}

/** The same for a RoomEventFilter (`filter` of /messages, /context and /search). */
export function faultOfRoomEventFilter(value: JsonValue): string | undefined {
  return faultOf(roomEventFilter, value);
}

function faultOf(shape: Shape, value: JsonValue): string | undefined {
  const fault = object(shape)(value);
  if (fault !== undefined) return `The filter is not valid: ${fault}`;
  if (JSON.stringify(value as JsonObject).length > filterLimits.text) return 'The filter is too large';
  return undefined;
}
