import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import { getOwn, isJsonObject, PushRuleError, type JsonObject, type JsonValue } from '@myelin/protocol';
import type { AccountData } from '../account-data/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { PushRules } from '../push-rules/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { EventContext, EventProjection, RoomHeads, RoomStates } from '../timeline/index.ts';
import { withRulesForRoom } from './carried-rules.ts';

export interface UpgradedRoomsParts {
  readonly serverName: string;
  readonly names: Names;
  readonly members: RoomMembers;
  readonly heads: RoomHeads;
  readonly states: RoomStates;
  readonly accountData: AccountData;
  readonly pushRules: PushRules;
}

/**
 * When a local user joins the room that takes the place of one they know, their tags, push rules and direct chats come
 * along. Client-Server API §"Room upgrades".
 */
export class UpgradedRooms implements EventProjection {
  readonly #parts: UpgradedRoomsParts;

  constructor(parts: UpgradedRoomsParts) {
    this.#parts = parts;
  }

  async apply(writer: Writer, event: StoredEvent, { head, replaced, changes }: EventContext): Promise<void> {
    // Fetched history, and joins that count for nothing, change nothing.
    if (changes.length === 0) return;
    if (event.type !== 'm.room.member' || event.content['membership'] !== 'join') return;
    if (replaced?.content['membership'] === 'join' || event.stateKey === undefined) return;
    const { serverName, states, names, members } = this.#parts;
    if (!event.stateKey.endsWith(`:${serverName}`)) return;
    const create = await states.get(head.state, 'm.room.create', '', writer);
    const predecessor = getOwn(create?.content ?? {}, 'predecessor');
    const oldRoomId = isJsonObject(predecessor) ? getOwn(predecessor, 'room_id') : undefined;
    if (!create || typeof oldRoomId !== 'string') return;
    const old = await names.findRoom(oldRoomId, writer);
    const user = await names.findUser(event.stateKey, writer);
    if (old === undefined || user === undefined || !(await members.get(old, user))) return;
    // Any room can say that it takes the place of another: the old one says so too, or the user made the new one.
    if (create.senderNid !== user && !(await this.#isReplacedBy(writer, old, head.roomId))) return;
    try {
      await this.#carryOver(writer, user, { nid: old, id: oldRoomId }, { nid: head.room, id: head.roomId });
    } catch (error) {
      // Too many rules or too much data are no reason to keep somebody out of a room.
      if (!(error instanceof MatrixError || error instanceof PushRuleError)) throw error;
    }
  }

  async #isReplacedBy(writer: Writer, room: RoomNid, replacement: string): Promise<boolean> {
    const head = await this.#parts.heads.find(room, writer);
    const tombstone = head && (await this.#parts.states.get(head.state, 'm.room.tombstone', '', writer));
    return tombstone?.content['replacement_room'] === replacement;
  }

  async #carryOver(
    writer: Writer,
    user: UserNid,
    old: { nid: RoomNid; id: string },
    replacement: { nid: RoomNid; id: string },
  ): Promise<void> {
    const { accountData, pushRules } = this.#parts;
    const tags = await accountData.get(user, old.nid, 'm.tag', writer);
    if (tags !== undefined && (await accountData.get(user, replacement.nid, 'm.tag', writer)) === undefined) {
      await accountData.put(writer, user, replacement.nid, 'm.tag', JSON.parse(tags) as JsonObject);
    }
    const direct = await accountData.get(user, undefined, 'm.direct', writer);
    const moved =
      direct === undefined ? undefined : withDirectRoom(JSON.parse(direct) as JsonObject, old.id, replacement.id);
    if (moved) await accountData.put(writer, user, undefined, 'm.direct', moved);
    await pushRules.editIn(writer, user, (rules) => withRulesForRoom(rules, old.id, replacement.id));
  }
}

/** m.direct with a room beside another; undefined if the other isn't in it. */
function withDirectRoom(direct: JsonObject, oldRoomId: string, newRoomId: string): JsonObject | undefined {
  let isChanged = false;
  const users = Object.entries(direct).map(([userId, rooms]): [string, JsonValue] => {
    if (!Array.isArray(rooms) || !rooms.includes(oldRoomId) || rooms.includes(newRoomId)) return [userId, rooms];
    isChanged = true;
    return [userId, [...rooms, newRoomId]];
  });
  return isChanged ? Object.fromEntries(users) : undefined;
}
