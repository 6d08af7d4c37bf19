import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { RoomVersion } from '../room-versions.ts';
import type { AuthState } from './auth-state.ts';
import { roomCreators, type RoomCreators } from './creators.ts';
import { readLevel, type Level } from './level.ts';

/** Levels without a value in m.room.power_levels, or without such an event (Server-Server API §5.1, Client-Server API m.room.power_levels). */
const defaults = { invite: 0, kick: 50, ban: 50, redact: 50 } as const;

/**
 * The power levels in force in a room, from the content of m.room.power_levels (undefined without such an event) and the
 * room's creators. Making one costs nothing: values are read as they are asked for. A level that can't be read is `NaN`,
 * and nothing that needs it is permitted.
 */
export class PowerLevels {
  readonly #content: JsonObject | undefined;
  readonly #creators: RoomCreators;

  constructor(content: JsonObject | undefined, creators: RoomCreators) {
    this.#content = content;
    this.#creators = creators;
  }

  /** The levels that a state has. It must have a create event. */
  static ofState(state: AuthState, version: RoomVersion): PowerLevels {
    const create = state.get('m.room.create', '');
    const creators = create ? roomCreators(create.pdu, version) : { userIds: [], privileged: false };
    return new PowerLevels(state.get('m.room.power_levels', '')?.pdu.content, creators);
  }

  /** Whether the user stands above all levels, as creators do from room version 12 on. */
  isPrivilegedCreator(userId: string): boolean {
    return this.#creators.privileged && this.#creators.userIds.includes(userId);
  }

  /** The level of a user. */
  userLevel(userId: string): Level {
    if (this.isPrivilegedCreator(userId)) return Infinity;
    if (!this.#content) return this.#levelWithoutEvent(userId);
    const users = getOwn(this.#content, 'users');
    if (users !== undefined) {
      if (!isJsonObject(users)) return NaN;
      const level = getOwn(users, userId);
      if (level !== undefined && level !== null) return readLevel(level) ?? NaN;
    }
    return this.#valueOr('users_default', 0);
  }

  /** The *required power level* of an event type. */
  requiredLevel(type: string, isState: boolean): Level {
    if (!this.#content) return isState ? 50 : 0;
    const events = getOwn(this.#content, 'events');
    if (events !== undefined) {
      if (!isJsonObject(events)) return NaN;
      const level = getOwn(events, type);
      if (level !== undefined && level !== null) return readLevel(level) ?? NaN;
    }
    const value = getOwn(this.#content, isState ? 'state_default' : 'events_default');
    if (value === undefined) return isState ? 50 : 0;
    return readLevel(value) ?? NaN;
  }

  /** The *invite level*, *kick level*, *ban level* or *redact level*. */
  actionLevel(action: 'invite' | 'kick' | 'ban' | 'redact'): Level {
    return this.#valueOr(action, defaults[action]);
  }

  /** The level needed to notify with this key (`room` for @room). Client-Server API, m.room.power_levels. */
  notificationLevel(key: string): Level {
    const notifications = this.#content && getOwn(this.#content, 'notifications');
    const level = isJsonObject(notifications) ? getOwn(notifications, key) : undefined;
    return (level !== undefined ? readLevel(level) : undefined) ?? 50;
  }

  canSend(userId: string, type: string, isState: boolean): boolean {
    return this.userLevel(userId) >= this.requiredLevel(type, isState);
  }

  canInvite(userId: string): boolean {
    return this.userLevel(userId) >= this.actionLevel('invite');
  }

  /** Also the second half of taking a ban back: see `canUnban`. */
  canKick(userId: string, target: string): boolean {
    const level = this.userLevel(userId);
    return level >= this.actionLevel('kick') && level > this.userLevel(target);
  }

  canBan(userId: string, target: string): boolean {
    const level = this.userLevel(userId);
    return level >= this.actionLevel('ban') && level > this.userLevel(target);
  }

  canUnban(userId: string, target: string): boolean {
    return this.userLevel(userId) >= this.actionLevel('ban') && this.canKick(userId, target);
  }

  /** Whether the user may have events of users of other servers redacted. */
  canRedactOthers(userId: string): boolean {
    return this.userLevel(userId) >= this.actionLevel('redact');
  }

  canNotify(userId: string, key: string): boolean {
    return this.userLevel(userId) >= this.notificationLevel(key);
  }

  #levelWithoutEvent(userId: string): Level {
    const { userIds, privileged } = this.#creators;
    if (privileged) return 0;
    // A create event that doesn't name its creator is never allowed: nothing may be built on it.
    if (userIds.length === 0) return NaN;
    return userIds.includes(userId) ? 100 : 0;
  }

  #valueOr(key: string, fallback: number): Level {
    const value: JsonValue | undefined = this.#content && getOwn(this.#content, key);
    if (value === undefined || value === null) return fallback;
    return readLevel(value) ?? NaN;
  }
}
