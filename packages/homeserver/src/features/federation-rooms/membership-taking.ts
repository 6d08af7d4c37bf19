import { MatrixError } from '@myelin/api';
import {
  getOwn,
  isJsonObject,
  parsePdu,
  parseUserId,
  signEvent,
  type JsonObject,
  type JsonValue,
  type Pdu,
} from '@myelin/protocol';
import type { StoredEvent } from '../events/index.ts';
import type { CheckedPdu, IncomingEvents } from '../incoming-events/index.ts';
import type { RoomOutlines } from '../room-outlines/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { StateRoot } from '../state-map/index.ts';
import type { RoomHead, SigningIdentity } from '../timeline/index.ts';
import type { JoinAnswers } from './join-answers.ts';
import type { JoinLimits } from './join-limits.ts';
import type { JoinPermission } from './join-permission.ts';
import type { ServedRooms } from './served-rooms.ts';

export interface MembershipTakingParts {
  readonly identity: SigningIdentity;
  readonly incoming: IncomingEvents;
  readonly outlines: RoomOutlines;
  readonly servers: RoomServers;
  readonly rooms: ServedRooms;
  readonly permission: JoinPermission;
  readonly answers: JoinAnswers;
  readonly limits: JoinLimits;
}

/** A membership event that another server hands in. */
export interface HandedIn {
  readonly origin: string;
  readonly roomId: string;
  readonly eventId: string;
  readonly event: JsonObject;
}

/**
 * Membership events of users of other servers, made by this server's templates: they go through the same checks as all
 * events, and to the other servers in the room. Server-Server API §PUT /send_join, /send_leave, /send_knock.
 */
export class MembershipTaking {
  readonly #parts: MembershipTakingParts;

  constructor(parts: MembershipTakingParts) {
    this.#parts = parts;
  }

  /** Resolves to the JSON text of the answer: the room as it was before the join. */
  async join(handedIn: HandedIn, omitMembers: boolean): Promise<string> {
    const { rooms, limits, servers, answers } = this.#parts;
    const head = await rooms.forVisitor(handedIn.origin, handedIn.roomId);
    checkForm(handedIn, head, 'join');
    limits.joinFromElsewhere(head.room);
    const event = await this.#authorised(head, handedIn.event as Pdu);
    const before = omitMembers ? [...(await servers.inRoom(head.room))] : undefined;
    const accepted = await this.#accept({ ...handedIn, event }, head);
    limits.countJoinFromElsewhere(head.room);
    return answers.answer(head.version, accepted.event, accepted.stateBefore, before);
  }

  async leave(handedIn: HandedIn): Promise<void> {
    const head = await this.#parts.rooms.forVisitor(handedIn.origin, handedIn.roomId);
    checkForm(handedIn, head, 'leave');
    await this.#accept(handedIn, head);
  }

  /** Resolves to the JSON text of the answer: the room in outlines. */
  async knock(handedIn: HandedIn): Promise<string> {
    const { rooms, outlines } = this.#parts;
    const head = await rooms.forVisitor(handedIn.origin, handedIn.roomId);
    if (!head.version.knock) throw new MatrixError('M_FORBIDDEN', 'This room version does not support knocking');
    checkForm(handedIn, head, 'knock');
    const { stateBefore } = await this.#accept(handedIn, head);
    return `{"knock_room_state":[${(await outlines.pdus(stateBefore)).join(',')}]}`;
  }

  /** The event, signed by this server if it says that a user of this server lets the joining one in. */
  async #authorised(head: RoomHead, event: Pdu): Promise<Pdu> {
    const { identity, permission } = this.#parts;
    const authoriser = getOwn(event.content, 'join_authorised_via_users_server');
    if (!head.version.restrictedJoins || authoriser === undefined) return event;
    if (typeof authoriser !== 'string' || parseUserId(authoriser)?.serverName !== identity.serverName)
      throw invalid('The join is to be authorised by a user of another server');
    await permission.check(head, event.sender);
    return signEvent(event, head.version, identity.serverName, identity.key).event;
  }

  async #accept(
    { origin, roomId, event }: HandedIn,
    head: RoomHead,
  ): Promise<{ event: StoredEvent; stateBefore: StateRoot }> {
    const { incoming } = this.#parts;
    const [checked] = await incoming.check(head.version, roomId, [event]);
    if (!checked) throw invalid('The event is malformed or not signed as it must be');
    return incoming.acceptMembership(origin, roomId, checked satisfies CheckedPdu);
  }
}

/** Only what the operation is for: the sender's own membership, of a user of the origin, in this room. */
function checkForm({ origin, roomId, eventId, event }: HandedIn, { version }: RoomHead, membership: string): void {
  const parsed = parsePdu(event as JsonValue, version);
  if (!parsed.ok) throw invalid('That is not an event of this room version');
  const { type, room_id: ofRoom, sender, state_key: target, content } = parsed.event;
  if (ofRoom !== roomId) throw invalid('The event is of another room');
  if (type !== 'm.room.member' || target === undefined) throw invalid('Not an m.room.member event');
  if (!isJsonObject(content) || getOwn(content, 'membership') !== membership)
    throw invalid(`Not a ${membership} event`);
  if (target !== sender) throw invalid("The event's state_key and sender must be the same");
  if (parseUserId(sender)?.serverName !== origin)
    throw new MatrixError('M_FORBIDDEN', 'The user is not of the server that sends the event');
  if (parsed.eventId !== eventId) throw invalid('The event has another id');
}

function invalid(message: string): MatrixError {
  return new MatrixError('M_INVALID_PARAM', message);
}
