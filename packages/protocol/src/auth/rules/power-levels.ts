import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { allowed, named, refuse, type AuthDecision, type AuthRefusal } from '../decision.ts';
import { isIntegerLevel, isLenientLevel, readLevel, type Level } from '../level.ts';
import { roomCreators } from '../creators.ts';
import { unreadableLevel, type AuthCheck } from './check.ts';

const singleLevels = ['users_default', 'events_default', 'state_default', 'ban', 'redact', 'kick', 'invite'] as const;

/** Rule 10 (9 in versions 6 to 11): m.room.power_levels may not give or take away more than the sender has. */
export function checkPowerLevels(check: AuthCheck): AuthDecision {
  const { event, state, levels, version } = check;
  const { content } = event;
  const malformed = version.integerPowerLevels ? refuseNonIntegers(content) : undefined;
  if (malformed) return malformed;
  const badUsers = refuseUsers(check);
  if (badUsers) return badUsers;

  // Under another state_key there is nothing that the event would change.
  const current = event.state_key === '' ? state.get('m.room.power_levels', '')?.pdu.content : undefined;
  if (!current) return allowed;
  const own = levels.userLevel(event.sender);
  if (Number.isNaN(own)) return unreadableLevel();

  for (const name of singleLevels) {
    const refusal = refuseChange(name, current, content, own, false);
    if (refusal) return refusal;
  }
  const maps = version.checkNotificationsPowerLevels ? ['events', 'notifications', 'users'] : ['events', 'users'];
  for (const name of maps) {
    const refusal = refuseMapChanges(name, current, content, own, event.sender);
    if (refusal) return refusal;
  }
  return allowed;
}

/** Rules 10.1 to 10.3, room version 10 and up. */
function refuseNonIntegers(content: JsonObject): AuthRefusal | undefined {
  for (const name of singleLevels) {
    if (Object.hasOwn(content, name) && !isIntegerLevel(content[name]!)) {
      return refuse('power-levels-not-integer', `${name} is not an integer`);
    }
  }
  for (const name of ['events', 'notifications', 'users']) {
    if (!Object.hasOwn(content, name)) continue;
    const map = content[name];
    if (!isJsonObject(map) || !Object.values(map).every(isIntegerLevel)) {
      return refuse('power-levels-not-integer', `${name} is not an object of integers`);
    }
  }
  return undefined;
}

/** `users`: an object from user ids to levels, from version 12 on without the creators. */
function refuseUsers({ event, create, version }: AuthCheck): AuthRefusal | undefined {
  const users = getOwn(event.content, 'users');
  if (users === undefined) return undefined;
  if (!isJsonObject(users)) return refuse('power-levels-malformed', 'users is not an object');
  for (const [userId, level] of Object.entries(users)) {
    if (!isUserIdLike(userId)) return refuse('power-levels-user-id', `${named(userId)} in users is not a user id`);
    if (!isLenientLevel(level)) {
      return refuse('power-levels-not-integer', `the level of ${named(userId)} is not an integer`);
    }
  }
  if (!version.privilegedCreators) return undefined;
  const creator = roomCreators(create.pdu, version).userIds.find((userId) => Object.hasOwn(users, userId));
  if (creator === undefined) return undefined;
  return refuse('power-levels-name-creator', `${named(creator)} made the room and must not be in users`);
}

/**
 * The rules say "valid user IDs". All servers take any text with an `@` in front and a colon, and rooms have had them for
 * years: a stricter reading would part us from such a room over an entry that nobody uses.
 */
function isUserIdLike(text: string): boolean {
  return text.startsWith('@') && text.includes(':');
}

function refuseMapChanges(
  name: string,
  current: JsonObject,
  content: JsonObject,
  own: Level,
  sender: string,
): AuthRefusal | undefined {
  const before = levelMap(getOwn(current, name));
  const after = levelMap(getOwn(content, name));
  if (!before || !after) return refuse('power-levels-malformed', `${name} is not an object`);
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const refusal = refuseChange(key, before, after, own, name === 'users' && key !== sender);
    if (refusal) return refusal;
  }
  return undefined;
}

/** Before version 10 the rules don't say that these are objects; like other servers we take what has no entries for one. */
function levelMap(value: JsonValue | undefined): JsonObject | undefined {
  if (isJsonObject(value)) return value;
  const isEmpty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
  return isEmpty ? {} : undefined;
}

/** One value that may have been added, changed or taken away; `ofOtherUser`: the level of a user who isn't the sender. */
function refuseChange(
  name: string,
  before: JsonObject,
  after: JsonObject,
  own: Level,
  ofOtherUser: boolean,
): AuthRefusal | undefined {
  const oldLevel = Object.hasOwn(before, name) ? (readLevel(before[name]) ?? NaN) : undefined;
  const newLevel = Object.hasOwn(after, name) ? (readLevel(after[name]) ?? NaN) : undefined;
  if (oldLevel === newLevel) return undefined;
  if (Number.isNaN(oldLevel) || Number.isNaN(newLevel)) {
    return refuse('power-levels-not-integer', `the level ${named(name)} is or was not an integer`);
  }
  if (ofOtherUser && oldLevel === own) {
    return refuse('power-levels-equal-to-own', `${named(name)} has the sender's own level ${own}`);
  }
  if (oldLevel !== undefined && oldLevel > own) {
    return refuse('power-levels-above-own', `${named(name)} is at ${oldLevel}, above the sender's own level ${own}`);
  }
  if (newLevel !== undefined && newLevel > own) {
    return refuse('power-levels-above-own', `${named(name)} would be ${newLevel}, above the sender's own level ${own}`);
  }
  return undefined;
}
