import type { JsonValue } from '../json/value.ts';
import { foldCase } from '../matching/case-fold.ts';
import { compileGlob } from '../matching/glob.ts';
import { parsePropertyPath } from '../matching/property-path.ts';
import type { OwnCondition } from './default-rules.ts';
import type { PushEvent } from './push-event.ts';
import type { PushReader } from './push-reader.ts';
import { isOwnCondition } from './rule-set-view.ts';
import type { PushCondition } from './types.ts';

/** A condition that is the same for all readers of an event. */
export type SharedCondition = (event: PushEvent) => boolean;

/** A condition that depends on the reader. */
export interface ReaderCondition {
  /** Whether it can be true for any reader. */
  isPossible(event: PushEvent): boolean;
  holds(event: PushEvent, reader: PushReader): boolean;
}

/**
 * Compiles a condition (Client-Server API, "Conditions"). undefined: it can never hold, because its kind isn't known or
 * a parameter is missing or wrong.
 */
export function compileCondition(
  condition: PushCondition | OwnCondition,
): SharedCondition | ReaderCondition | undefined {
  if (isOwnCondition(condition)) return compileOwnCondition(condition);
  const { kind, key, pattern, value, is } = condition;
  switch (kind) {
    case 'event_match':
      return typeof key === 'string' && typeof pattern === 'string' ? eventMatch(key, pattern) : undefined;
    case 'event_property_is':
      return typeof key === 'string' && isComparable(value) ? propertyIs(key, value) : undefined;
    case 'event_property_contains':
      return typeof key === 'string' && isComparable(value) ? propertyContains(key, value) : undefined;
    case 'contains_display_name':
      return containsDisplayName;
    case 'room_member_count':
      return typeof is === 'string' ? memberCount(is) : undefined;
    case 'sender_notification_permission':
      return typeof key === 'string' ? senderMayNotify(key) : undefined;
    default:
      return undefined;
  }
}

function eventMatch(key: string, pattern: string): SharedCondition {
  const path = parsePropertyPath(key);
  const folded = foldCase(pattern);
  const inBody = key === 'content.body';
  if (!inBody && !/[*?]/.test(folded)) return (event) => event.folded(key, path) === folded;
  const glob = compileGlob(folded, { match: inBody ? 'word' : 'whole' });
  return (event) => {
    const text = event.folded(key, path);
    return text !== null && event.spend(text.length * glob.cost) && glob.matches(text);
  };
}

type Comparable = string | number | boolean | null;

/** Strings, integers within ±(2^53-1), booleans and null: what "exact match" is defined for. */
function isComparable(value: JsonValue | undefined): value is Comparable {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}

function propertyIs(key: string, value: Comparable): SharedCondition {
  const path = parsePropertyPath(key);
  return (event) => event.value(path) === value;
}

function propertyContains(key: string, value: Comparable): SharedCondition {
  const path = parsePropertyPath(key);
  return (event) => event.listContains(key, path, value);
}

function memberCount(is: string): SharedCondition | undefined {
  const match = /^(==|<=|>=|<|>)?([0-9]+)$/.exec(is);
  if (!match) return undefined;
  const count = Number(match[2]);
  switch (match[1]) {
    case '<':
      return (event) => event.context.roomMemberCount < count;
    case '>':
      return (event) => event.context.roomMemberCount > count;
    case '<=':
      return (event) => event.context.roomMemberCount <= count;
    case '>=':
      return (event) => event.context.roomMemberCount >= count;
    default:
      return (event) => event.context.roomMemberCount === count;
  }
}

/** The level needed where the power levels don't say (m.room.power_levels, `notifications`). */
const defaultNotificationLevel = 50;

function senderMayNotify(key: string): SharedCondition {
  return ({ context }) => {
    if (context.senderPowerLevel === null) return false;
    const level = Object.hasOwn(context.notificationLevels, key) ? context.notificationLevels[key] : undefined;
    return context.senderPowerLevel >= (typeof level === 'number' ? level : defaultNotificationLevel);
  };
}

const containsDisplayName: ReaderCondition = {
  isPossible: (event) => event.body !== null,
  holds: (event, { displayNameWord }) => displayNameWord !== undefined && event.bodyContains(displayNameWord),
};

function compileOwnCondition({ kind, key, own }: OwnCondition): ReaderCondition {
  const path = parsePropertyPath(key);
  if (kind === 'event_property_contains') {
    return {
      isPossible: (event) => {
        const list = event.value(path);
        return Array.isArray(list) && list.length > 0;
      },
      holds: (event, reader) => event.listContains(key, path, reader.userId),
    };
  }
  if (own === 'localpart') {
    return {
      isPossible: (event) => event.body !== null,
      holds: (event, { localpart }) => localpart !== undefined && event.bodyContains(localpart),
    };
  }
  return {
    isPossible: (event) => event.folded(key, path) !== null,
    holds: (event, reader) => event.folded(key, path) === reader.foldedUserId,
  };
}
