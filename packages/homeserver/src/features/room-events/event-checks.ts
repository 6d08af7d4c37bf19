import { MatrixError } from '@myelin/api';
import {
  compileServerAcl,
  getOwn,
  isJsonObject,
  isServerAllowed,
  type JsonObject,
  type JsonValue,
} from '@myelin/protocol';

/** An event that a local user wants to send, as far as its form matters. */
export interface EventForm {
  readonly type: string;
  /** Present for state events. */
  readonly stateKey?: string | undefined;
  readonly content: JsonObject;
  readonly roomId?: string | undefined;
}

/**
 * Whether an event of a local user has the form that its type asks for, where a wrong one would harm others. Stricter than
 * what is taken from other servers. Throws M_BAD_JSON. Client-Server API §"Events" of each module.
 */
export function checkEventForm({ type, stateKey, content, roomId }: EventForm, serverName: string): void {
  if (stateTypes.has(type) && stateKey === undefined)
    throw new MatrixError('M_BAD_JSON', `${type} must be a state event`);
  for (const key of requiredStrings[type] ?? []) {
    const value = getOwn(content, key);
    if (value === undefined) throw new MatrixError('M_BAD_JSON', `'${key}' not in content`);
    if (typeof value !== 'string') throw new MatrixError('M_BAD_JSON', `'${key}' not a string type`);
  }
  if (type === 'm.room.tombstone' && content['replacement_room'] === roomId) {
    throw new MatrixError('M_BAD_JSON', 'A tombstone cannot reference the room it was sent in');
  }
  if (type === 'm.room.power_levels') checkPowerLevels(content);
  if (type === 'm.room.server_acl' && !isServerAllowed(compileServerAcl(content), serverName)) {
    throw new MatrixError('M_BAD_JSON', "Can't create an ACL event that denies the local server");
  }
  if (Object.hasOwn(content, 'm.mentions')) checkMentions(content['m.mentions']);
}

const stateTypes = new Set(['m.room.member', 'm.room.name', 'm.room.topic', 'm.room.tombstone']);

const requiredStrings: Readonly<Record<string, readonly string[]>> = {
  'm.room.message': ['msgtype', 'body'],
  'm.room.name': ['name'],
  'm.room.topic': ['topic'],
  'm.room.tombstone': ['replacement_room'],
};

const levels = ['ban', 'events_default', 'invite', 'kick', 'redact', 'state_default', 'users_default'];
const levelMaps = ['events', 'notifications', 'users'];

/** Old room versions let levels be strings; those that are sent from here aren't. */
function checkPowerLevels(content: JsonObject): void {
  for (const name of levels) checkLevel(name, getOwn(content, name));
  for (const name of levelMaps) {
    const map = getOwn(content, name);
    if (map === undefined) continue;
    if (!isJsonObject(map)) throw new MatrixError('M_BAD_JSON', `'${name}' must be an object`);
    for (const level of Object.values(map)) checkLevel(name, level);
  }
}

function checkLevel(name: string, level: JsonValue | undefined): void {
  if (level !== undefined && !Number.isSafeInteger(level))
    throw new MatrixError('M_BAD_JSON', `A level in '${name}' is not an integer`);
}

function checkMentions(mentions: JsonValue | undefined): void {
  const fault = (): MatrixError => new MatrixError('M_BAD_JSON', "'m.mentions' is not as it must be");
  if (!isJsonObject(mentions)) throw fault();
  const { user_ids: userIds, room } = mentions;
  if (room !== undefined && typeof room !== 'boolean') throw fault();
  if (userIds !== undefined && !(Array.isArray(userIds) && userIds.every((userId) => typeof userId === 'string')))
    throw fault();
}
