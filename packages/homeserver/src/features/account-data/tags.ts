import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import { getOwn, isJsonObject, setOwn, type JsonObject, type JsonValue } from '@myelin/protocol';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { AccountData } from './account-data.ts';
import type { AccountDataStore } from './account-data-store.ts';

const tagType = 'm.tag';
/** In bytes. Client-Server API §"Room Tagging". */
const longestTag = 255;
const mostTags = 1_000;

export interface TagParts {
  readonly database: Database;
  readonly names: Names;
  readonly members: RoomMembers;
  readonly store: AccountDataStore;
  readonly accountData: AccountData;
}

/** Labels that users give rooms. Client-Server API §"Room Tagging". */
export class Tags {
  readonly #parts: TagParts;

  constructor(parts: TagParts) {
    this.#parts = parts;
  }

  async of(user: UserNid, roomId: string): Promise<Record<string, JsonObject>> {
    const { names, store } = this.#parts;
    const room = await names.findRoom(roomId);
    const text = room === undefined ? undefined : await store.get(user, room, tagType);
    return tagsIn(text);
  }

  /** Throws M_FORBIDDEN unless the user has, or had, to do with the room. */
  async set(user: UserNid, roomId: string, tag: string, info: JsonObject): Promise<void> {
    const { names, members } = this.#parts;
    if (new TextEncoder().encode(tag).length > longestTag)
      throw new MatrixError('M_INVALID_PARAM', 'The tag is longer than 255 bytes');
    const room = await names.findRoom(roomId);
    if (room === undefined || !(await members.get(room, user)))
      throw new MatrixError('M_FORBIDDEN', 'You have nothing to do with this room');
    await this.#edit(user, room, (tags) => {
      if (!Object.hasOwn(tags, tag) && Object.keys(tags).length >= mostTags)
        throw new MatrixError('M_INVALID_PARAM', 'The room has too many tags');
      setOwn(tags, tag, info);
      return true;
    });
  }

  /** Taking away a tag that isn't there changes nothing. */
  async remove(user: UserNid, roomId: string, tag: string): Promise<void> {
    const room = await this.#parts.names.findRoom(roomId);
    if (room === undefined) return;
    await this.#edit(user, room, (tags) => {
      if (!Object.hasOwn(tags, tag)) return false;
      delete tags[tag];
      return true;
    });
  }

  async #edit(user: UserNid, room: RoomNid, edit: (tags: Record<string, JsonObject>) => boolean): Promise<void> {
    const { database, store, accountData } = this.#parts;
    await database.transact(async (writer) => {
      const tags = tagsIn(await store.get(user, room, tagType, writer));
      if (edit(tags)) await accountData.put(writer, user, room, tagType, { tags });
    });
  }
}

/** The tags of an m.tag event, which the client may have put there as it liked. */
function tagsIn(text: string | undefined): Record<string, JsonObject> {
  const tags: Record<string, JsonObject> = {};
  const list = text === undefined ? undefined : getOwn(JSON.parse(text) as JsonObject, 'tags');
  if (!isJsonObject(list)) return tags;
  for (const [tag, info] of Object.entries(list))
    if (isJsonObject(info)) setOwn(tags as Record<string, JsonValue>, tag, withNumericOrder(info));
  return tags;
}

/** Old clients sent the order as text. */
function withNumericOrder(info: JsonObject): JsonObject {
  if (info['order'] === undefined || typeof info['order'] === 'number') return info;
  const { order: _, ...rest } = info;
  return rest;
}
