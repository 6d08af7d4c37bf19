import { MatrixError } from '@myelin/api';
import type { Writer } from '@myelin/database';
import { getOwn, parseUserId, roomCreators, roomVersion, type JsonObject, type RoomVersion } from '@myelin/protocol';
import { randomString, type Clock } from '@myelin/runtime';
import { refuseSuspended, requireConsent, type Requester } from '../../http/index.ts';
import { withoutAliases } from '../directory/index.ts';
import type { StoredEvent } from '../events/index.ts';
import type { Names } from '../names/index.ts';
import type { RoomAccess } from '../room-events/index.ts';
import type { AuthStates, EventDraft, RoomHead, RoomStates } from '../timeline/index.ts';
import type { RoomCreatorParts } from './room-creator.ts';
import { levelsForCopying, levelsForVersion, silencingLevels } from './upgraded-levels.ts';

export interface RoomUpgraderParts extends Pick<
  RoomCreatorParts,
  'random' | 'serverName' | 'timeline' | 'profiles' | 'aliases' | 'published' | 'limiter'
> {
  readonly clock: Clock;
  readonly names: Names;
  readonly access: RoomAccess;
  readonly states: RoomStates;
  readonly authStates: AuthStates;
}

/** State that goes along to the replacement, besides power levels. Client-Server API §"Room upgrades". */
const carriedTypes = new Set([
  'm.room.join_rules',
  'm.room.name',
  'm.room.topic',
  'm.room.history_visibility',
  'm.room.guest_access',
  'm.room.avatar',
  'm.room.encryption',
  'm.room.server_acl',
]);

/** For so long the same request of the same user is taken for a repetition, in milliseconds. */
const repetitionTime = 300_000;

type Author = Pick<EventDraft, 'sender' | 'senderNid'>;

interface Replacement {
  readonly version: RoomVersion;
  readonly requester: Requester;
  readonly author: Author;
  /** Who stand above all levels in the replacement, if its version has that. */
  readonly creators: readonly string[];
}

/** Replaces a room by one of another version. */
export class RoomUpgrader {
  readonly #parts: RoomUpgraderParts;

  constructor(parts: RoomUpgraderParts) {
    this.#parts = parts;
  }

  /**
   * Resolves to the id of the replacement; all of the change takes place or nothing. Throws M_FORBIDDEN for those who may
   * not close the room.
   */
  async upgrade(
    requester: Requester,
    roomId: string,
    newVersion: string,
    additionalCreators: readonly string[],
  ): Promise<string> {
    const { access, authStates, timeline, limiter } = this.#parts;
    refuseSuspended(requester);
    requireConsent(requester);
    if (!requester.isExemptFromLimits) limiter.check(requester.user);
    const version = roomVersion(newVersion);
    if (!version) {
      throw new MatrixError('M_UNSUPPORTED_ROOM_VERSION', "Your homeserver doesn't support this room version");
    }
    if (version.privilegedCreators && !additionalCreators.every((userId) => parseUserId(userId))) {
      throw new MatrixError('M_BAD_JSON', 'additional_creators is not a list of user ids');
    }
    const author: Author = { sender: requester.userId, senderNid: requester.user };
    const replacement = { version, requester, author, creators: [requester.userId, ...additionalCreators] };
    const room = await access.roomForSending(roomId);
    return timeline.write(room, async (writer, old) => {
      await access.requireMember(old, requester, writer);
      const levels = await authStates.levels(old, writer);
      if (!levels.canSend(requester.userId, 'm.room.tombstone', true)) {
        throw new MatrixError('M_FORBIDDEN', "You don't have permission to upgrade the room");
      }
      return (await this.#repeated(writer, old, replacement)) ?? (await this.#replace(writer, old, replacement));
    });
  }

  /** Who asks twice, because the answer was lost or the button pressed again, gets one replacement. */
  async #repeated(writer: Writer, old: RoomHead, { version, author }: Replacement): Promise<string | undefined> {
    const { states, names, timeline, clock } = this.#parts;
    const tombstone = await states.get(old.state, 'm.room.tombstone', '', writer);
    const roomId = tombstone && getOwn(tombstone.content, 'replacement_room');
    if (tombstone?.sender !== author.sender || typeof roomId !== 'string') return undefined;
    if (clock.now() - tombstone.fields.originServerTs > repetitionTime) return undefined;
    const room = await names.findRoom(roomId, writer);
    const isThere = room !== undefined && (await timeline.isKnown(room, writer));
    return isThere && (await timeline.head(room, writer)).version === version ? roomId : undefined;
  }

  async #replace(writer: Writer, old: RoomHead, replacement: Replacement): Promise<string> {
    const { random, serverName, timeline } = this.#parts;
    const { version, author } = replacement;
    const bury = (roomId: string): Promise<{ event: StoredEvent; head: RoomHead }> =>
      timeline.appendIn(writer, old, {
        type: 'm.room.tombstone',
        stateKey: '',
        content: { body: 'This room has been replaced', replacement_room: roomId },
        ...author,
      });
    let created: RoomHead;
    let closed: RoomHead;
    if (version.roomIdIsCreateEventId) {
      // The id of the replacement depends on its create event, which then can't name the event that names it.
      created = await this.#create(writer, old, undefined, { room_id: old.roomId }, replacement);
      ({ head: closed } = await bury(created.roomId));
    } else {
      const roomId = `!${randomString(random, 18)}:${serverName}`;
      const { event: tombstone, head } = await bury(roomId);
      closed = head;
      created = await this.#create(
        writer,
        old,
        roomId,
        { room_id: old.roomId, event_id: tombstone.eventId },
        replacement,
      );
    }
    await this.#fill(writer, old, created, replacement);
    await this.#close(writer, closed, created, replacement);
    return created.roomId;
  }

  async #create(
    writer: Writer,
    old: RoomHead,
    roomId: string | undefined,
    predecessor: JsonObject,
    { version, author, creators }: Replacement,
  ): Promise<RoomHead> {
    const create = await this.#parts.states.get(old.state, 'm.room.create', '', writer);
    const { type, 'm.federate': federate } = create?.content ?? {};
    const content: JsonObject = { room_version: version.id, predecessor };
    if (type !== undefined) content['type'] = type;
    if (federate === false) content['m.federate'] = false;
    if (version.creatorInContent) content['creator'] = author.sender;
    if (version.privilegedCreators && creators.length > 1) content['additional_creators'] = creators.slice(1);
    const draft = { type: 'm.room.create', stateKey: '', content, ...author };
    return (await this.#parts.timeline.createIn(writer, version, roomId, draft)).head;
  }

  /** Brings the state along that the replacement shall have. */
  async #fill(writer: Writer, old: RoomHead, created: RoomHead, replacement: Replacement): Promise<void> {
    const { timeline, profiles, states } = this.#parts;
    const { version, requester, author, creators } = replacement;
    let head = created;
    const send = async (type: string, stateKey: string, content: JsonObject): Promise<void> => {
      ({ head } = await timeline.appendIn(writer, head, { type, stateKey, content, ...author }));
    };
    await send('m.room.member', author.sender, {
      ...(await profiles.memberProfile(requester.user)),
      membership: 'join',
    });
    const create = await states.get(old.state, 'm.room.create', '', writer);
    const formerCreators =
      old.version.privilegedCreators && create ? roomCreators(create.pdu, old.version).userIds : [];
    const current = await states.get(old.state, 'm.room.power_levels', '', writer);
    const levels = current && levelsForVersion(current.content, version, creators, formerCreators);
    // The author needs more until all is copied; their own level comes last.
    if (levels) {
      const first = version.privilegedCreators ? levels : levelsForCopying(levels, author.sender);
      await send('m.room.power_levels', '', first);
    }
    for (const event of await this.#carried(old, create, writer)) {
      await send(event.type, event.stateKey ?? '', event.content);
    }
    for (const { stateKey, content } of await states.allMembers(old.state, writer)) {
      if (content['membership'] !== 'ban' || stateKey === undefined) continue;
      await unlessRefused(() => send('m.room.member', stateKey, content));
    }
    const alias = await states.get(old.state, 'm.room.canonical_alias', '', writer);
    const names = alias && withoutAliases(alias.content, (name) => !this.#isOurs(name));
    if (names && Object.keys(names).length > 0) await send('m.room.canonical_alias', '', names);
    if (levels) await send('m.room.power_levels', '', levels);
  }

  async #carried(old: RoomHead, create: StoredEvent | undefined, writer: Writer): Promise<StoredEvent[]> {
    const isSpace = create?.content['type'] === 'm.space';
    const all = await this.#parts.states.allButMembers(old.state, writer);
    return all.filter(
      (event) =>
        (carriedTypes.has(event.type) && event.stateKey === '') ||
        // Without content a room isn't in the space any more.
        (isSpace && event.type === 'm.space.child' && Object.keys(event.content).length > 0),
    );
  }

  /** Names and the place in the room list go to the replacement; in the old room ordinary members can't speak any more. */
  async #close(writer: Writer, closed: RoomHead, created: RoomHead, { author }: Replacement): Promise<void> {
    const { aliases, published, states, timeline } = this.#parts;
    let head = closed;
    const send = async (type: string, content: JsonObject): Promise<void> => {
      ({ head } = await timeline.appendIn(writer, head, { type, stateKey: '', content, ...author }));
    };
    await aliases.move(writer, closed.room, created.room);
    if (await published.has(closed.room, writer)) {
      await published.set(writer, closed.room, false);
      await published.set(writer, created.room, true);
    }
    const canonical = await states.get(head.state, 'm.room.canonical_alias', '', writer);
    if (canonical) {
      const left = withoutAliases(canonical.content, (name) => this.#isOurs(name));
      await unlessRefused(() => send('m.room.canonical_alias', left));
    }
    const levels = await states.get(head.state, 'm.room.power_levels', '', writer);
    const silent = levels && silencingLevels(levels.content);
    // Who may close the room need not be able to change its levels.
    if (silent) await unlessRefused(() => send('m.room.power_levels', silent));
  }

  #isOurs(alias: unknown): boolean {
    return typeof alias === 'string' && this.#parts.aliases.isLocal(alias);
  }
}

/** For what is wished but not needed: the rules may not allow it. A refused event has written nothing. */
async function unlessRefused(send: () => Promise<void>): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!(error instanceof MatrixError)) throw error;
  }
}
