import { MatrixError } from '@myelin/api';
import type { Database, Writer } from '@myelin/database';
import { isJsonObject, parseUserId, roomVersion, type JsonObject, type RoomVersion } from '@myelin/protocol';
import { randomString, type Random } from '@myelin/runtime';
import type { RoomsConfig } from '../../config/index.ts';
import { refuseSuspended, requireConsent, type RateLimiter, type Requester } from '../../http/index.ts';
import { namesOnly, type Aliases, type DirectoryRules, type PublishedRooms } from '../directory/index.ts';
import {
  noThirdPartyInvites,
  type MembershipLimits,
  type MembershipService,
  type ProfileSource,
} from '../membership/index.ts';
import { checkEventForm } from '../room-events/index.ts';
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

interface StateToSet {
  readonly type: string;
  readonly stateKey: string;
  readonly content: JsonObject;
}

/** A request whose parts were looked at. */
interface AskedRoom {
  readonly requester: Requester;
  readonly request: RoomRequest;
  readonly version: RoomVersion;
  readonly invitees: readonly string[];
  readonly alias: string | undefined;
  /** By type and state key. */
  readonly given: Map<string, StateToSet>;
}

export interface RoomCreatorParts {
  readonly database: Database;
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
  /** `rc_room_creation` */
  readonly limiter: RateLimiter;
  readonly defaultRoomVersion: string;
}

const mostInvites = 100;
const mostInitialState = 1_000;

/** Makes rooms. Client-Server API §"Creation". */
export class RoomCreator {
  readonly #parts: RoomCreatorParts;

  constructor(parts: RoomCreatorParts) {
    this.#parts = parts;
  }

  /** Resolves to the new room's id. All of its first events are there or none, but for invites of other servers' users. */
  async create(requester: Requester, request: RoomRequest): Promise<string> {
    refuseSuspended(requester);
    requireConsent(requester);
    if (!requester.isExemptFromLimits) this.#parts.limiter.check(requester.user);
    const version = this.#version(request.room_version);
    if ((request.invite_3pid?.length ?? 0) > 0) throw noThirdPartyInvites();
    const invitees = this.#invitees(request);
    const alias = this.#alias(request);
    for (const invitee of invitees) this.#parts.membershipLimits.invite(requester, undefined, invitee);
    await this.#parts.membership.checkInvitees(requester, invitees);
    const given = this.#initialState(request, requester, alias);
    const head = await this.#parts.database.transact((writer) =>
      this.#createIn(writer, { requester, request, version, invitees, alias, given: new Map(given) }),
    );
    await this.#inviteElsewhere(head, requester, request, invitees);
    return head.roomId;
  }

  /**
   * Users of other servers are invited when the room is there, for their servers have to sign. All are tried; the first
   * failure is told then, though the room remains.
   */
  async #inviteElsewhere(
    head: RoomHead,
    requester: Requester,
    request: RoomRequest,
    invitees: readonly string[],
  ): Promise<void> {
    const { membership } = this.#parts;
    const failures: unknown[] = [];
    for (const invitee of invitees) {
      if (!membership.isElsewhere(invitee)) continue;
      try {
        await membership.inviteElsewhere(requester, head.room, invitee, request.is_direct ? { is_direct: true } : {});
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }

  async #createIn(writer: Writer, asked: AskedRoom): Promise<RoomHead> {
    const { timeline, random, serverName, profiles, membership } = this.#parts;
    const { requester, request, version, invitees, alias, given } = asked;
    const preset = this.#preset(request);
    const rules = presets[preset];
    const author = { sender: requester.userId, senderNid: requester.user };
    const creators = rules.trustInvitees && version.privilegedCreators ? invitees : [];

    const roomId = version.roomIdIsCreateEventId ? undefined : `!${randomString(random, 18)}:${serverName}`;
    const create = {
      type: 'm.room.create',
      stateKey: '',
      content: creationContent(request, requester, version, creators),
    };
    let { head } = await timeline.createIn(writer, version, roomId, { ...create, ...author });
    await this.#publish(writer, head, asked);
    const send = async (type: string, content: JsonObject, stateKey = ''): Promise<void> => {
      ({ head } = await timeline.appendIn(writer, head, { type, stateKey, content, ...author }));
    };
    /** What the request says itself takes the preset's place. */
    const sendDefault = async (type: string, content: JsonObject): Promise<void> => {
      if (!given.has(`${type}\0`)) await send(type, content);
    };

    const profile = await profiles.memberProfile(requester.user);
    await send('m.room.member', { ...profile, membership: 'join' }, requester.userId);
    const givenLevels = given.get('m.room.power_levels\0');
    given.delete('m.room.power_levels\0');
    const levels = givenLevels?.content ?? this.#powerLevels(asked, preset);
    checkEventForm({ type: 'm.room.power_levels', stateKey: '', content: levels }, serverName);
    await send('m.room.power_levels', levels);
    if (alias !== undefined) await sendDefault('m.room.canonical_alias', { alias });
    await sendDefault('m.room.join_rules', { join_rule: rules.joinRule });
    await sendDefault('m.room.history_visibility', { history_visibility: rules.historyVisibility });
    if (rules.guestAccess === 'can_join') await sendDefault('m.room.guest_access', { guest_access: 'can_join' });
    for (const event of given.values()) await send(event.type, event.content, event.stateKey);
    // A malformed m.room.encryption is no way around it.
    const encryption = given.get('m.room.encryption\0')?.content;
    if (this.#parts.rooms.encryptedPresets.has(preset) && typeof encryption?.['algorithm'] !== 'string') {
      await send('m.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
    }
    if (typeof request.name === 'string' && request.name !== '') await send('m.room.name', { name: request.name });
    if (typeof request.topic === 'string' && request.topic !== '') {
      await send('m.room.topic', {
        topic: request.topic,
        'm.topic': { 'm.text': [{ body: request.topic, mimetype: 'text/plain' }] },
      });
    }
    for (const invitee of invitees) {
      if (membership.isElsewhere(invitee)) continue;
      const more = request.is_direct ? { is_direct: true } : {};
      head = await membership.inviteIn(writer, head, requester, invitee, more);
    }
    return head;
  }

  /** The alias, and the place in the room list. */
  async #publish(writer: Writer, head: RoomHead, { requester, request, alias }: AskedRoom): Promise<void> {
    const { aliases, published, rules, rooms } = this.#parts;
    if (alias !== undefined) {
      if (!rules.mayCreateAlias(requester.userId, head.roomId, alias)) {
        throw new MatrixError('M_FORBIDDEN', 'Not allowed to create alias');
      }
      await aliases.add(writer, alias, head.room, requester.user);
    }
    if (request.visibility !== 'public' || !rooms.directory.enableSearch) return;
    // Who may not publish rooms gets the room all the same, as in Synapse: most clients ask without saying why it failed.
    const mayPublish = rules.mayPublish(requester.userId, head.roomId, alias === undefined ? [] : [alias]);
    if (mayPublish) await published.set(writer, head.room, true);
  }

  /** By type and state key. Throws for events that wouldn't be taken by themselves either. */
  #initialState(request: RoomRequest, requester: Requester, alias: string | undefined): Map<string, StateToSet> {
    const given = new Map<string, StateToSet>();
    if ((request.initial_state?.length ?? 0) > mostInitialState) {
      throw new MatrixError('M_TOO_LARGE', 'Too many initial state events');
    }
    for (const { type, state_key: stateKey = '', content } of request.initial_state ?? []) {
      const event: StateToSet = { type, stateKey, content: jsonContent(content) };
      checkEventForm(event, this.#parts.serverName);
      if (type === 'm.room.canonical_alias' && !namesOnly(content, alias)) {
        throw new MatrixError('M_BAD_ALIAS', 'A room alias of the initial state does not point to the room');
      }
      if (type === 'm.room.member' && (stateKey !== requester.userId || event.content['membership'] !== 'join')) {
        throw new MatrixError('M_BAD_STATE', 'Others come into the room by invite, not by its initial state');
      }
      given.set(`${type}\0${stateKey}`, event);
    }
    return given;
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

  #powerLevels({ requester, request, version, invitees }: AskedRoom, preset: RoomPreset): JsonObject {
    const override = request.power_level_content_override as JsonObject | undefined;
    const users: Record<string, number> = {};
    if (!version.privilegedCreators) {
      users[requester.userId] = 100;
      if (presets[preset].trustInvitees) for (const invitee of invitees) users[invitee] = 100;
      const given = override?.['users'];
      if (isJsonObject(given) && !Object.hasOwn(given, requester.userId)) {
        throw new MatrixError(
          'M_BAD_JSON',
          "power_level_content_override: 'users' does not contain the room's creator",
        );
      }
    }
    const levels = initialPowerLevels(users, version.privilegedCreators, preset);
    return { ...levels, ...(this.#parts.rooms.powerLevelOverrides[preset] as JsonObject | undefined), ...override };
  }
}

function creationContent(
  request: RoomRequest,
  requester: Requester,
  version: RoomVersion,
  trusted: readonly string[],
): JsonObject {
  const { creator: _creator, ...given } = (request.creation_content ?? {}) as JsonObject;
  const content: JsonObject = { ...given, room_version: version.id };
  if (version.creatorInContent) content['creator'] = requester.userId;
  if (!version.privilegedCreators) return content;
  const additional = content['additional_creators'] ?? [];
  const isList =
    Array.isArray(additional) && additional.every((userId) => typeof userId === 'string' && parseUserId(userId));
  if (!isList) throw new MatrixError('M_BAD_JSON', 'additional_creators is not a list of user ids');
  if (trusted.length > 0) content['additional_creators'] = [...new Set([...additional, ...trusted])];
  return content;
}

function jsonContent(content: unknown): JsonObject {
  if (!isJsonObject(content)) throw new MatrixError('M_BAD_JSON', 'The content of an event must be an object');
  return content;
}
