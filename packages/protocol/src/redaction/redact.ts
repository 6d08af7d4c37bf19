import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { RoomVersion } from '../room-versions.ts';

const keptMembers: ReadonlySet<string> = new Set([
  'auth_events',
  'content',
  'depth',
  'event_id',
  'hashes',
  'origin_server_ts',
  'prev_events',
  'room_id',
  'sender',
  'signatures',
  'state_key',
  'type',
]);
/** Kept before room version 11 too. */
const keptMembersBeforeV11: ReadonlySet<string> = new Set([...keptMembers, 'membership', 'origin', 'prev_state']);

/** Top-level keys that survive redaction, by room version (Room Versions, "Redactions"). */
export function membersKeptByRedaction(version: RoomVersion): ReadonlySet<string> {
  return version.redactionRulesV11 ? keptMembers : keptMembersBeforeV11;
}

/**
 * The redacted copy of an event: only what its room version protects. Shares the kept values with the event. Throws a
 * TypeError if the event has no type or no content: check its format first.
 */
export function redactEvent<Event extends JsonObject>(event: Event, version: RoomVersion): Event {
  if (typeof event['type'] !== 'string' || event['content'] === undefined) {
    throw new TypeError('an event without type or content has no redacted form');
  }
  const kept = membersKeptByRedaction(version);
  const redacted: JsonObject = {};
  for (const key of Object.keys(event)) {
    if (kept.has(key)) redacted[key] = event[key] as JsonValue;
  }
  redacted['content'] = redactContent(event['type'], event['content'], version);
  return redacted as Event;
}

/** What remains of an event's content. Returns the content itself if all of it remains. */
export function redactContent(type: string, content: JsonValue, version: RoomVersion): JsonObject {
  if (!isJsonObject(content)) return {};
  if (type === 'm.room.create' && version.redactionRulesV11) return content;
  const redacted: JsonObject = {};
  for (const key of contentKeptByRedaction(type, version)) {
    if (Object.hasOwn(content, key)) redacted[key] = content[key] as JsonValue;
  }
  if (type === 'm.room.member' && version.redactionRulesV11) keepSignedInvite(content, redacted);
  return redacted;
}

const nothing: readonly string[] = [];
const powerLevels = ['ban', 'events', 'events_default', 'kick', 'redact', 'state_default', 'users', 'users_default'];

function contentKeptByRedaction(type: string, version: RoomVersion): readonly string[] {
  switch (type) {
    case 'm.room.member':
      return version.redactionKeepsJoinAuthorised ? ['membership', 'join_authorised_via_users_server'] : ['membership'];
    case 'm.room.create':
      return ['creator'];
    case 'm.room.join_rules':
      return version.redactionKeepsAllow ? ['join_rule', 'allow'] : ['join_rule'];
    case 'm.room.power_levels':
      return version.redactionRulesV11 ? [...powerLevels, 'invite'] : powerLevels;
    case 'm.room.aliases':
      return version.redactionKeepsAliases ? ['aliases'] : nothing;
    case 'm.room.history_visibility':
      return ['history_visibility'];
    case 'm.room.redaction':
      return version.redactionRulesV11 ? ['redacts'] : nothing;
    default:
      return nothing;
  }
}

/**
 * Version 11 and up protect `third_party_invite.signed`. What is left of a third_party_invite without it isn't said;
 * other servers keep an empty object, and the reference hash must be the same everywhere.
 */
function keepSignedInvite(content: JsonObject, redacted: JsonObject): void {
  const invite = content['third_party_invite'];
  if (!isJsonObject(invite)) return;
  redacted['third_party_invite'] = Object.hasOwn(invite, 'signed') ? { signed: invite['signed'] as JsonValue } : {};
}
