import { MatrixError } from '@myelin/api';
import type { Database, Reader, Writer } from '@myelin/database';
import {
  inviteRulesOf,
  listedInviteRules,
  type EventFilter,
  type InviteRules,
  type JsonObject,
} from '@myelin/protocol';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { Streams } from '../streams/index.ts';
import type { AccountDataSource } from '../sync/index.ts';
import type { AccountDataStore } from './account-data-store.ts';
import { ignoredIn, mostIgnored, type IgnoredUsers } from './ignored-users.ts';

/** Global account data that another feature keeps. m.push_rules is implemented by `features/push-rules`. */
export interface GlobalDataPort {
  readonly type: string;
  /** JSON text of the content as it is now. */
  content(user: UserNid): Promise<string>;
  /** The content if it changed in the span (`since` 0: in any case). */
  changed(user: UserNid, since: number, upTo: number): Promise<string | undefined>;
}

/** Longest content, in UTF-16 units of its JSON. */
const longestContent = 524_288;
/** Longest type, in UTF-16 units. */
const longestType = 512;
const deviceSettings = 'org.matrix.msc3890.local_notification_settings.';
/** Most rows that a user can have, rooms' and global ones together. */
const mostRows = 50_000;

export interface AccountDataParts {
  readonly database: Database;
  readonly names: Names;
  readonly streams: Streams;
  readonly store: AccountDataStore;
  readonly ignoredUsers: IgnoredUsers;
  readonly pushRules: GlobalDataPort;
  /** Empty content means that there is none (MSC3391). */
  readonly emptyIsDeleted: boolean;
  /** Invites can be refused by lists of users and servers (MSC4155). */
  readonly withInviteLists: boolean;
}

/** What clients keep at the server for their account, and for rooms. Client-Server API §"Client Config". */
export class AccountData implements AccountDataSource {
  readonly #parts: AccountDataParts;

  constructor(parts: AccountDataParts) {
    this.#parts = parts;
  }

  /** JSON text of the content; `room` undefined: of global data. */
  async get(user: UserNid, room: RoomNid | undefined, type: string, reader?: Reader): Promise<string | undefined> {
    const { store, pushRules } = this.#parts;
    if (room === undefined && type === pushRules.type) return pushRules.content(user);
    return store.get(user, room, type, reader);
  }

  /** Sets what clients may set; resolves when it is durable. Throws a 405 for what the server keeps itself. */
  async set(user: UserNid, roomId: string | undefined, type: string, content: JsonObject): Promise<void> {
    this.#checkSettable(type);
    const deleted = this.#parts.emptyIsDeleted && Object.keys(content).length === 0;
    await this.#change(user, roomId, type, content, deleted);
  }

  /** Removes all that is kept of a user, for one whose account is closed: no client of theirs is left to learn of it. */
  async removeOfUser(writer: Writer, user: UserNid): Promise<void> {
    await this.#parts.store.removeOfUser(writer, user);
    await this.#parts.ignoredUsers.replace(writer, user, {});
  }

  /** Deletes what clients may set (MSC3391). */
  async delete(user: UserNid, roomId: string | undefined, type: string): Promise<void> {
    this.#checkSettable(type);
    await this.#change(user, roomId, type, {}, true);
  }

  /** Deletes what was silenced on a device, when that goes (MSC3890). */
  deleteSettingsOf(writer: Writer, { user, deviceId }: { user: UserNid; deviceId: string }): Promise<void> {
    return this.put(writer, user, undefined, `${deviceSettings}${deviceId}`, {}, true);
  }

  /** Stores data inside a transaction, whatever its type. Throws M_TOO_LARGE. */
  async put(
    writer: Writer,
    user: UserNid,
    room: RoomNid | undefined,
    type: string,
    content: JsonObject,
    deleted = false,
  ): Promise<void> {
    const { store, streams, ignoredUsers } = this.#parts;
    const text = JSON.stringify(content);
    if (text.length > longestContent) throw new MatrixError('M_TOO_LARGE', 'The account data is too large');
    if (room === undefined && type === 'm.ignored_user_list') {
      if (ignoredIn(content).length > mostIgnored)
        throw new MatrixError('M_TOO_LARGE', `Nobody can ignore more than ${mostIgnored} users`);
      await ignoredUsers.replace(writer, user, content);
    }
    const isNew = (await store.get(user, room, type, writer)) === undefined;
    if (isNew && !deleted && (await store.count(user, writer)) >= mostRows) {
      throw new MatrixError('M_RESOURCE_LIMIT_EXCEEDED', 'There is too much account data');
    }
    // There was nothing to delete: nothing to tell.
    if (isNew && deleted) return;
    const position = streams.next(writer, {
      kind: 'account-data',
      users: [user],
      ...(room === undefined ? {} : { room }),
    });
    await store.put(writer, user, { room, type, content: text, deleted, position });
  }

  async global(user: UserNid, since: number, upTo: number, filter: EventFilter): Promise<string[]> {
    const { store, pushRules } = this.#parts;
    const events: string[] = [];
    if (filter.allows({ type: pushRules.type })) {
      const content = await pushRules.changed(user, since, upTo);
      if (content !== undefined) events.push(eventText(pushRules.type, content));
    }
    for (const { type, content } of await store.changedGlobal(user, since, upTo)) {
      if (filter.allows({ type })) events.push(eventText(type, content));
    }
    return events;
  }

  async byRoom(
    user: UserNid,
    since: number,
    upTo: number,
    filter: EventFilter,
  ): Promise<ReadonlyMap<RoomNid, string[]>> {
    const { store, names } = this.#parts;
    const byRoom = new Map<RoomNid, string[]>();
    if (filter.allowsNothing) return byRoom;
    for (const { room, type, content } of await store.changedInRooms(user, since, upTo)) {
      if (room === undefined) continue;
      const roomId = names.cachedRoomId(room) ?? (await names.roomId(room));
      if (!filter.allows({ type, roomId })) continue;
      const events = byRoom.get(room);
      if (events) events.push(eventText(type, content));
      else byRoom.set(room, [eventText(type, content)]);
    }
    return byRoom;
  }

  async inviteRules(user: UserNid): Promise<InviteRules> {
    const { store, withInviteLists } = this.#parts;
    const content = async (type: string): Promise<JsonObject | undefined> => {
      const text = await store.get(user, undefined, type);
      return text === undefined ? undefined : (JSON.parse(text) as JsonObject);
    };
    const rules = inviteRulesOf(await content('m.invite_permission_config'));
    const lists = withInviteLists ? await content('org.matrix.msc4155.invite_permission_config') : undefined;
    if (!lists) return rules;
    const listed = listedInviteRules(lists);
    return (sender) => (rules(sender) === 'block' ? 'block' : listed(sender));
  }

  ignored(user: UserNid): Promise<ReadonlySet<UserNid>> {
    return this.#parts.ignoredUsers.of(user);
  }

  async #change(
    user: UserNid,
    roomId: string | undefined,
    type: string,
    content: JsonObject,
    deleted: boolean,
  ): Promise<void> {
    const { database, names } = this.#parts;
    if (type.length > longestType) throw new MatrixError('M_INVALID_PARAM', 'The type is too long');
    await database.transact(async (writer) => {
      let room: RoomNid | undefined;
      if (roomId !== undefined) {
        room = deleted ? await names.findRoom(roomId, writer) : await names.room(writer, roomId);
        if (room === undefined) return;
      }
      await this.put(writer, user, room, type, content, deleted);
    });
  }

  #checkSettable(type: string): void {
    if (type === 'm.fully_read') throw managed('m.fully_read', '/rooms/{roomId}/read_markers');
    if (type === this.#parts.pushRules.type) throw managed(type, '/pushrules');
  }
}

function managed(type: string, instead: string): MatrixError {
  return new MatrixError('M_BAD_JSON', `${type} can't be set through this API; use ${instead}`, { status: 405 });
}

function eventText(type: string, content: string): string {
  return `{"type":${JSON.stringify(type)},"content":${content}}`;
}
