import { MatrixError } from '@myelin/api';
import type { Database } from '@myelin/database';
import { checkEventAuth, parseUserId, referenceHash, type EventReference, type JsonObject } from '@myelin/protocol';
import type { RoomVersion } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { StoredEvent } from '../events/index.ts';
import type { AuthStates, RoomHead } from '../timeline/index.ts';
import type { JoinPermission } from './join-permission.ts';
import type { ServedRooms } from './served-rooms.ts';
import type { JoinLimits } from './join-limits.ts';

export interface MembershipTemplatesParts {
  readonly serverName: string;
  readonly database: Database;
  readonly clock: Clock;
  readonly authStates: AuthStates;
  readonly rooms: ServedRooms;
  readonly permission: JoinPermission;
  readonly limits: JoinLimits;
}

/** An event for another server to complete, and the version of its room. */
export interface MembershipTemplate {
  readonly event: JsonObject;
  readonly room_version: string;
}

/** Most events that a new event names as those before it. */
const mostPrevEvents = 20;

/** Templates of membership events for users of other servers. Server-Server API §"Joining Rooms", §"Leaving Rooms", §"Knocking". */
export class MembershipTemplates {
  readonly #parts: MembershipTemplatesParts;

  constructor(parts: MembershipTemplatesParts) {
    this.#parts = parts;
  }

  /** `versions`: the room versions that the other server knows. */
  async join(origin: string, roomId: string, userId: string, versions: readonly string[]): Promise<MembershipTemplate> {
    const { limits, permission } = this.#parts;
    const head = await this.#room(origin, roomId, userId);
    checkVersion(head.version, versions);
    limits.joinFromElsewhere(head.room);
    const more = await permission.content(head, userId);
    return this.#template(head, userId, { membership: 'join', ...more });
  }

  async knock(
    origin: string,
    roomId: string,
    userId: string,
    versions: readonly string[],
  ): Promise<MembershipTemplate> {
    const head = await this.#room(origin, roomId, userId);
    checkVersion(head.version, versions);
    if (!head.version.knock) throw new MatrixError('M_FORBIDDEN', 'This room version does not support knocking');
    return this.#template(head, userId, { membership: 'knock' });
  }

  async leave(origin: string, roomId: string, userId: string): Promise<MembershipTemplate> {
    return this.#template(await this.#room(origin, roomId, userId), userId, { membership: 'leave' });
  }

  async #room(origin: string, roomId: string, userId: string): Promise<RoomHead> {
    if (parseUserId(userId)?.serverName !== origin)
      throw new MatrixError('M_FORBIDDEN', 'The user is not of the server that asks');
    return this.#parts.rooms.forVisitor(origin, roomId);
  }

  /** The event as it would be made now; throws M_FORBIDDEN if the room wouldn't let it in. */
  async #template(head: RoomHead, userId: string, content: JsonObject): Promise<MembershipTemplate> {
    const { authStates, database, clock, serverName } = this.#parts;
    const { version, roomId } = head;
    const before = head.extremities.slice(0, mostPrevEvents);
    const subject = {
      type: 'm.room.member',
      room_id: roomId,
      sender: userId,
      state_key: userId,
      content,
      prev_events: references(before, version),
      auth_events: [] as EventReference[],
    };
    const auth = await authStates.load(head, subject, database.reader);
    const decision = checkEventAuth(subject, auth.state, version, auth.levels);
    if (!decision.allowed) throw new MatrixError('M_FORBIDDEN', decision.message);
    const event: JsonObject = {
      ...subject,
      auth_events: references(auth.authEvents, version),
      depth: Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, ...before.map((each) => each.fields.depth)) + 1),
      origin: serverName,
      origin_server_ts: clock.now(),
    };
    return { event, room_version: version.id };
  }
}

function checkVersion(version: RoomVersion, versions: readonly string[]): void {
  if (versions.includes(version.id)) return;
  throw new MatrixError(
    'M_INCOMPATIBLE_ROOM_VERSION',
    'Your homeserver does not support the features required to enter this room',
    { details: { room_version: version.id } },
  );
}

function references(events: readonly StoredEvent[], version: RoomVersion): EventReference[] {
  if (version.eventReferences === 'id') return events.map((event) => event.eventId);
  return events.map((event) => [event.eventId, { sha256: referenceHash(event.pdu, version) }]);
}
