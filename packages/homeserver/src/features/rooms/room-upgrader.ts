import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import { isJsonObject, roomVersion, type JsonObject, type PowerLevels, type RoomVersion } from '@myelin/protocol';
import { randomString } from '@myelin/runtime';
import type { Requester } from '../../http/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomAccess } from '../room-events/index.ts';
import type { AuthStates, EventDraft, RoomHead, RoomStates } from '../timeline/index.ts';
import type { RoomCreatorParts } from './room-creator.ts';

export interface RoomUpgraderParts extends Pick<
  RoomCreatorParts,
  'database' | 'random' | 'serverName' | 'timeline' | 'profiles' | 'aliases' | 'published'
> {
  readonly access: RoomAccess;
  readonly states: RoomStates;
  readonly authStates: AuthStates;
  readonly members: RoomMembers;
}

/** State that goes along to the replacement. Client-Server API §"Room upgrades". */
const carriedTypes = new Set([
  'm.room.join_rules',
  'm.room.name',
  'm.room.topic',
  'm.room.history_visibility',
  'm.room.guest_access',
  'm.room.avatar',
  'm.room.encryption',
  'm.room.server_acl',
  'm.room.power_levels',
]);

type Author = Pick<EventDraft, 'sender' | 'senderNid'>;

/** Replaces a room by one of another version. */
export class RoomUpgrader {
  readonly #parts: RoomUpgraderParts;

  constructor(parts: RoomUpgraderParts) {
    this.#parts = parts;
  }

  /** Resolves to the id of the replacement. Throws M_FORBIDDEN for those who may not close the room. */
  async upgrade(
    requester: Requester,
    roomId: string,
    newVersion: string,
    additionalCreators: readonly string[],
  ): Promise<string> {
    const { access, authStates, timeline, database } = this.#parts;
    const version = roomVersion(newVersion);
    if (!version)
      throw new MatrixError('M_UNSUPPORTED_ROOM_VERSION', "Your homeserver doesn't support this room version");
    const { room, head: old } = await access.requireJoined(roomId, requester);
    const levels = await authStates.levels(old);
    if (!levels.canSend(requester.userId, 'm.room.tombstone', true)) {
      throw new MatrixError('M_FORBIDDEN', "You don't have permission to upgrade the room");
    }
    const author: Author = { sender: requester.userId, senderNid: requester.user };
    const replacement = await database.transact((writer) =>
      this.#createIn(writer, old, version, author, additionalCreators, requester),
    );
    await timeline.write(room, async (writer, head) => {
      const content = { body: 'This room has been replaced', replacement_room: replacement.roomId };
      const closed = await timeline.appendIn(writer, head, {
        type: 'm.room.tombstone',
        stateKey: '',
        content,
        ...author,
      });
      await this.#moveNames(writer, closed.head, replacement, author);
      await this.#silence(writer, closed.head, levels, author);
    });
    return replacement.roomId;
  }

  async #createIn(
    writer: Writer,
    old: RoomHead,
    version: RoomVersion,
    author: Author,
    additionalCreators: readonly string[],
    requester: Requester,
  ): Promise<RoomHead> {
    const { timeline, random, serverName, profiles, states, published } = this.#parts;
    const create = await states.get(old.state, 'm.room.create', '', writer);
    const last = old.extremities[0];
    const {
      creator: _creator,
      room_version: _version,
      predecessor: _predecessor,
      additional_creators: _additional,
      ...kept
    } = create?.content ?? {};
    const content: JsonObject = {
      ...kept,
      room_version: version.id,
      predecessor: { room_id: old.roomId, ...(last ? { event_id: last.eventId } : {}) },
    };
    if (version.creatorInContent) content['creator'] = author.sender;
    if (version.privilegedCreators && additionalCreators.length > 0)
      content['additional_creators'] = [...additionalCreators];
    const roomId = version.roomIdIsCreateEventId ? undefined : `!${randomString(random, 18)}:${serverName}`;
    let { head } = await timeline.createIn(writer, version, roomId, {
      type: 'm.room.create',
      stateKey: '',
      content,
      ...author,
    });
    const send = async (type: string, stateKey: string, state: JsonObject): Promise<void> => {
      ({ head } = await timeline.appendIn(writer, head, { type, stateKey, content: state, ...author }));
    };
    await send('m.room.member', author.sender, {
      ...(await profiles.memberProfile(requester.user)),
      membership: 'join',
    });
    const carried = await this.#carried(old, create, writer);
    const levels = carried.find((event) => event.type === 'm.room.power_levels');
    // The author needs the creator's level until all is copied; their own level comes last.
    const final = adaptLevels(levels?.content ?? {}, version, [author.sender, ...additionalCreators]);
    if (!version.privilegedCreators) await send('m.room.power_levels', '', withLevel(final, author.sender, 100));
    else await send('m.room.power_levels', '', final);
    for (const event of carried) {
      if (event.type !== 'm.room.power_levels') await send(event.type, event.stateKey ?? '', event.content);
    }
    for (const ban of await this.#bans(old, writer)) await send('m.room.member', ban.stateKey ?? '', ban.content);
    if (!version.privilegedCreators) await send('m.room.power_levels', '', final);
    if (await published.has(old.room)) await published.set(writer, head.room, true);
    return head;
  }

  async #carried(old: RoomHead, create: StoredEvent | undefined, writer: Writer): Promise<StoredEvent[]> {
    const isSpace = create?.content['type'] === 'm.space';
    const all = await this.#parts.states.allButMembers(old.state, writer);
    return all.filter(
      (event) =>
        (carriedTypes.has(event.type) && event.stateKey === '') ||
        (isSpace && event.type === 'm.space.child' && Object.keys(event.content).length > 0),
    );
  }

  async #bans(old: RoomHead, writer: Writer): Promise<StoredEvent[]> {
    return (await this.#parts.states.allMembers(old.state, writer)).filter(
      (event) => event.content['membership'] === 'ban',
    );
  }

  /** Aliases of this server lead to the replacement from now on. */
  async #moveNames(writer: Writer, old: RoomHead, replacement: RoomHead, author: Author): Promise<void> {
    const { aliases, states, timeline, published } = this.#parts;
    await aliases.move(writer, old.room, replacement.room);
    await published.set(writer, old.room, false);
    const canonical = await states.get(old.state, 'm.room.canonical_alias', '', writer);
    if (!canonical || Object.keys(canonical.content).length === 0) return;
    const head = await timeline.head(replacement.room, writer);
    await timeline.appendIn(writer, head, {
      type: 'm.room.canonical_alias',
      stateKey: '',
      content: canonical.content,
      ...author,
    });
  }

  /** Ordinary members can't speak in the old room any more, if its levels allow the change. */
  async #silence(writer: Writer, head: RoomHead, levels: PowerLevels, author: Author): Promise<void> {
    const { states, timeline } = this.#parts;
    const current = await states.get(head.state, 'm.room.power_levels', '', writer);
    const stateLevel = levels.requiredLevel('m.room.tombstone', true);
    const moderators = typeof stateLevel === 'number' ? Math.min(stateLevel, 50) : 50;
    const content: JsonObject = { ...current?.content };
    for (const key of ['events_default', 'invite'] as const) {
      const value = content[key];
      if (typeof value !== 'number' || value < moderators) content[key] = moderators;
    }
    try {
      await timeline.appendIn(writer, head, { type: 'm.room.power_levels', stateKey: '', content, ...author });
    } catch (error) {
      // Who may close a room need not be able to change its levels.
      if (!(error instanceof MatrixError)) throw error;
    }
  }
}

/** Power levels fit for another room version: creators aren't listed where they stand above all levels. */
function adaptLevels(content: JsonObject, version: RoomVersion, creators: readonly string[]): JsonObject {
  const users = isJsonObject(content['users']) ? { ...content['users'] } : {};
  if (version.privilegedCreators) for (const creator of creators) delete users[creator];
  return { ...content, users };
}

function withLevel(content: JsonObject, userId: string, level: number): JsonObject {
  const users = isJsonObject(content['users']) ? content['users'] : {};
  const own = users[userId];
  return { ...content, users: { ...users, [userId]: typeof own === 'number' && own > level ? own : level } };
}
