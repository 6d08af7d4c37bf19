import { isJsonObject, type JsonObject, type JsonValue, type RoomVersion } from '@myelin/protocol';

const levelMaps = ['events', 'notifications', 'users'];

/**
 * Power levels of a room, fit for a replacement of another version: integers, as newer versions want them, and without the
 * creators where they stand above all levels. Creators who stood above all have 100 where nobody does.
 */
export function levelsForVersion(
  content: JsonObject,
  version: RoomVersion,
  creators: readonly string[],
  formerCreators: readonly string[],
): JsonObject {
  const levels: JsonObject = {};
  for (const [name, value] of Object.entries(content)) {
    const fitting = levelMaps.includes(name) ? levelMap(value) : level(value);
    if (fitting !== undefined) levels[name] = fitting;
  }
  const users = isJsonObject(levels['users']) ? levels['users'] : {};
  if (version.privilegedCreators) for (const creator of creators) delete users[creator];
  else for (const creator of formerCreators) users[creator] ??= 100;
  levels['users'] = users;
  return levels;
}

/** The same levels, with as much for the user as copying the room's state needs. */
export function levelsForCopying(content: JsonObject, userId: string): JsonObject {
  const events = isJsonObject(content['events']) ? Object.values(content['events']) : [];
  const needed = [content['state_default'] ?? 50, content['ban'] ?? 50, ...events].filter(
    (value) => typeof value === 'number',
  );
  const users = isJsonObject(content['users']) ? content['users'] : {};
  const own = users[userId] ?? content['users_default'] ?? 0;
  return { ...content, users: { ...users, [userId]: Math.max(100, typeof own === 'number' ? own : 0, ...needed) } };
}

/** What keeps ordinary members from speaking and inviting in a room that was replaced. Undefined: nothing is to be changed. */
export function silencingLevels(content: JsonObject): JsonObject | undefined {
  const usersDefault = level(content['users_default']) ?? 0;
  const moderators = Math.max(50, usersDefault + 1);
  const changed: JsonObject = { ...content };
  for (const key of ['events_default', 'invite']) {
    const value = level(content[key]) ?? 0;
    if (value < moderators) changed[key] = moderators;
  }
  return changed['events_default'] === content['events_default'] && changed['invite'] === content['invite']
    ? undefined
    : changed;
}

function levelMap(value: JsonValue | undefined): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined;
  const levels: JsonObject = {};
  for (const [name, one] of Object.entries(value)) {
    const fitting = level(one);
    if (fitting !== undefined) levels[name] = fitting;
  }
  return levels;
}

/** Versions before 10 take integers in strings as well. */
function level(value: JsonValue | undefined): number | undefined {
  const number = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(Math.trunc(number)) ? Math.trunc(number) : undefined;
}
