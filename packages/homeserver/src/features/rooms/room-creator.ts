import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import { isJsonObject, parseUserId, roomVersion, type JsonObject, type RoomVersion } from '@myelin/protocol';
import { randomString, type Clock, type Random } from '@myelin/runtime';
import type { RateLimitsConfig, RoomsConfig } from '../../config/index.ts';
import { RateLimiter, type Requester } from '../../http/index.ts';
import type { Aliases, DirectoryRules, PublishedRooms } from '../directory/index.ts';
import {
  noThirdPartyInvites,
  type MembershipLimits,
  type MembershipService,
  type ProfileSource,
} from '../membership/index.ts';
import type { RoomHead, Timeline } from '../timeline/index.ts';
import { initialPowerLevels, presets, type RoomPreset } from './presets.ts';

export interface RoomRequest {
  readonly visibility?: 'public' | 'private' | null | undefined;
  readonly room_alias_name?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly topic?: string | null | undefined;
  readonly invite?: readonly string[] | undefined;
  readonly invite_3pid?: readonly unknown[] | undefined;
  readonly room_version?: string | undefined;
  readonly creation_content?: Readonly<Record<string, unknown>> | undefined;
  readonly initial_state?:
    | readonly {
        readonly type: string;
        readonly state_key?: string | undefined;
        readonly content: Readonly<Record<string, unknown>>;
      }[]
    | undefined;
  readonly preset?: RoomPreset | null | undefined;
  readonly is_direct?: boolean | undefined;
  readonly power_level_content_override?: Readonly<Record<string, unknown>> | undefined;
}

export interface RoomCreatorParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly serverName: string;
  readonly timeline: Timeline;
  readonly membership: MembershipService;
  readonly membershipLimits: MembershipLimits;
  readonly profiles: ProfileSource;
  readonly aliases: Aliases;
  readonly published: PublishedRooms;
  readonly rules: DirectoryRules;
  readonly rooms: RoomsConfig;
  readonly limits: RateLimitsConfig;
  readonly defaultRoomVersion: string;
}

const mostInvites = 100;
const mostInitialState = 1_000;

/** Makes rooms. Client-Server API §"Creation". */
export class RoomCreator {
  readonly #parts: RoomCreatorParts;
  readonly #limiter: RateLimiter;

  constructor(parts: RoomCreatorParts) {
    this.#parts = parts;
    this.#limiter = new RateLimiter(parts.clock, parts.limits.roomCreation);
  }

  /** Resolves to the new room's id. All of its first events are there or none. */
  async create(requester: Requester, request: RoomRequest): Promise<string> {
    if (!requester.isExemptFromLimits) this.#limiter.check(requester.user);
    const version = this.#version(request.room_version);
    if ((request.invite_3pid?.length ?? 0) > 0) throw noThirdPartyInvites();
    const invitees = this.#invitees(request);
    const alias = this.#alias(request);
    for (const invitee of invitees) this.#parts.membershipLimits.invite(requester, undefined, invitee);
    await this.#parts.membership.checkInvitees(requester, invitees);
    if ((request.initial_state?.length ?? 0) > mostInitialState)
      throw new MatrixError('M_TOO_LARGE', 'Too many initial state events');
    return this.#parts.database.transact((writer) =>
      this.#createIn(writer, requester, request, version, invitees, alias),
    );
  }

  async #createIn(
    writer: Writer,
    requester: Requester,
    request: RoomRequest,
    version: RoomVersion,
    invitees: readonly string[],
    alias: string | undefined,
  ): Promise<string> {
    const {
      timeline,
      random,
      serverName,
      profiles,
      membership,
      aliases,
      published,
      rules: directoryRules,
    } = this.#parts;
    const preset = this.#preset(request);
    const rules = presets[preset];
    const author = { sender: requester.userId, senderNid: requester.user };
    const creators = rules.trustInvitees && version.privilegedCreators ? invitees : [];

    const roomId = version.roomIdIsCreateEventId ? undefined : `!${randomString(random, 18)}:${serverName}`;
    const created = await timeline.createIn(writer, version, roomId, {
      type: 'm.room.create',
      stateKey: '',
      content: this.#creationContent(request, requester, version, creators),
      ...author,
    });
    let head: RoomHead = created.head;
    if (alias !== undefined) {
      if (!directoryRules.mayCreateAlias(requester.userId, head.roomId, alias))
        throw new MatrixError('M_FORBIDDEN', 'Not allowed to create alias');
      await aliases.add(writer, alias, head.room, requester.user);
    }
    // Who may not publish rooms gets the room all the same, as in Synapse: most clients ask without saying why it failed.
    if (
      request.visibility === 'public' &&
      directoryRules.mayPublish(requester.userId, head.roomId, alias === undefined ? [] : [alias])
    ) {
      await published.set(writer, head.room, true);
    }

    const given = new Map(
      (request.initial_state ?? []).map((event) => [`${event.type}\0${event.state_key ?? ''}`, event]),
    );
    const send = async (type: string, content: JsonObject, stateKey = ''): Promise<void> => {
      head = (await timeline.appendIn(writer, head, { type, stateKey, content, ...author })).head;
    };
    /** What the request says itself takes the preset's place. */
    const sendDefault = async (type: string, content: JsonObject): Promise<void> => {
      if (!given.has(`${type}\0`)) await send(type, content);
    };

    await send(
      'm.room.member',
      { ...(await profiles.memberProfile(requester.user)), membership: 'join' },
      requester.userId,
    );
    const givenLevels = given.get('m.room.power_levels\0');
    if (givenLevels) {
      await send('m.room.power_levels', jsonContent(givenLevels.content));
      given.delete('m.room.power_levels\0');
    } else await send('m.room.power_levels', this.#powerLevels(request, requester, version, preset, invitees));
    if (alias !== undefined) await sendDefault('m.room.canonical_alias', { alias });
    await sendDefault('m.room.join_rules', { join_rule: rules.joinRule });
    await sendDefault('m.room.history_visibility', { history_visibility: rules.historyVisibility });
    if (rules.guestAccess === 'can_join') await sendDefault('m.room.guest_access', { guest_access: 'can_join' });
    for (const event of given.values()) await send(event.type, jsonContent(event.content), event.state_key ?? '');
    if (this.#parts.rooms.encryptedPresets.has(preset))
      await sendDefault('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
    if (typeof request.name === 'string' && request.name !== '') await send('m.room.name', { name: request.name });
    if (typeof request.topic === 'string' && request.topic !== '') {
      await send('m.room.topic', {
        topic: request.topic,
        'm.topic': { 'm.text': [{ body: request.topic, mimetype: 'text/plain' }] },
      });
    }
    for (const invitee of invitees) {
      head = await membership.inviteIn(writer, head, requester, invitee, request.is_direct ? { is_direct: true } : {});
    }
    return head.roomId;
  }

  #version(wanted: string | undefined): RoomVersion {
    const version = roomVersion(wanted ?? this.#parts.defaultRoomVersion);
    if (!version)
      throw new MatrixError('M_UNSUPPORTED_ROOM_VERSION', "Your homeserver doesn't support this room version");
    return version;
  }

  #preset(request: RoomRequest): RoomPreset {
    return request.preset ?? (request.visibility === 'public' ? 'public_chat' : 'private_chat');
  }

  #invitees(request: RoomRequest): string[] {
    const invitees = [...new Set(request.invite ?? [])];
    if (invitees.length > mostInvites)
      throw new MatrixError('M_INVALID_PARAM', `At most ${mostInvites} users can be invited at once`);
    for (const invitee of invitees)
      if (!parseUserId(invitee)) throw new MatrixError('M_INVALID_PARAM', 'A user id to invite is not valid');
    return invitees;
  }

  #alias(request: RoomRequest): string | undefined {
    const localpart = request.room_alias_name;
    if (localpart === undefined || localpart === null) return undefined;
    if (localpart === '' || /[\s:]/u.test(localpart))
      throw new MatrixError('M_INVALID_PARAM', 'Invalid characters in the room alias');
    const alias = `#${localpart}:${this.#parts.serverName}`;
    this.#parts.aliases.check(alias);
    return alias;
  }

  #creationContent(
    request: RoomRequest,
    requester: Requester,
    version: RoomVersion,
    trusted: readonly string[],
  ): JsonObject {
    const content: JsonObject = { ...(request.creation_content as JsonObject | undefined), room_version: version.id };
    delete content['creator'];
    if (version.creatorInContent) content['creator'] = requester.userId;
    if (version.privilegedCreators && trusted.length > 0) {
      const additional = Array.isArray(content['additional_creators']) ? content['additional_creators'] : [];
      content['additional_creators'] = [...new Set([...additional, ...trusted])];
    }
    return content;
  }

  #powerLevels(
    request: RoomRequest,
    requester: Requester,
    version: RoomVersion,
    preset: RoomPreset,
    invitees: readonly string[],
  ): JsonObject {
    const users: Record<string, number> = {};
    if (!version.privilegedCreators) {
      users[requester.userId] = 100;
      if (presets[preset].trustInvitees) for (const invitee of invitees) users[invitee] = 100;
    }
    const levels = initialPowerLevels(users, version.privilegedCreators);
    // In rooms to talk to one or few, everybody may invite. Synapse does so for private rooms.
    if (preset !== 'public_chat') levels['invite'] = 0;
    Object.assign(levels, this.#parts.rooms.powerLevelOverrides[preset] ?? {});
    Object.assign(levels, request.power_level_content_override ?? {});
    return levels;
  }
}

function jsonContent(content: unknown): JsonObject {
  if (!isJsonObject(content)) throw new MatrixError('M_BAD_JSON', 'The content of an event must be an object');
  return content;
}
