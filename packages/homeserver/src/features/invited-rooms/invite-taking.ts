import { MatrixError } from '@myelin/api';
import {
  getOwn,
  isJsonObject,
  isRoomId,
  parseUserId,
  roomVersion,
  signEvent,
  type JsonObject,
  type RoomVersion,
  type InviteRules,
} from '@myelin/protocol';
import type { Accounts } from '../accounts/index.ts';
import type { CheckedPdu, IncomingEvents } from '../incoming-events/index.ts';
import type { Names, UserNid } from '../names/index.ts';
import type { RoomServers } from '../room-servers/index.ts';
import type { ServerAcls } from '../server-acls/index.ts';
import type { SigningIdentity } from '../timeline/index.ts';
import type { InvitedRooms } from './invited-rooms.ts';
import { checkStrippedState } from './stripped-state.ts';

/** Whose invites users want. Implemented by `features/account-data`. */
export interface InviteWishes {
  /** What becomes of an invite by its sender, a user id. */
  inviteRules(user: UserNid): Promise<InviteRules>;
}

/** Throws M_LIMIT_EXCEEDED. Implemented by `features/membership`. */
export interface InviteLimits {
  inviteFromElsewhere(target: string): void;
}

export interface InviteTakingParts {
  readonly serverName: string;
  readonly identity: SigningIdentity;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly incoming: IncomingEvents;
  readonly invitedRooms: InvitedRooms;
  readonly servers: RoomServers;
  readonly acls: ServerAcls;
  readonly wishes: InviteWishes;
  readonly limits: InviteLimits;
  /** `block_non_admin_invites` */
  readonly acceptsNone: boolean;
}

/** An invite as another server hands it in. */
export interface OfferedInvite {
  readonly roomId: string;
  readonly eventId: string;
  readonly version: string;
  readonly event: JsonObject;
  readonly strippedState: unknown;
}

/** Invites of users of this server by other servers. Server-Server API §"Inviting to a room". */
export class InviteTaking {
  readonly #parts: InviteTakingParts;

  constructor(parts: InviteTakingParts) {
    this.#parts = parts;
  }

  /**
   * Checks an invite, signs it, stores it, tells the invited user. Resolves to the JSON text of the event with this
   * server's signature. Throws M_INVALID_PARAM, M_INCOMPATIBLE_ROOM_VERSION, M_FORBIDDEN, M_INVITE_BLOCKED, M_NOT_FOUND.
   */
  async take(origin: string, invite: OfferedInvite): Promise<string> {
    const { names, acls, limits, servers, serverName } = this.#parts;
    const version = roomVersion(invite.version);
    if (!version) {
      throw new MatrixError('M_INCOMPATIBLE_ROOM_VERSION', "This server doesn't support the room's version", {
        details: { room_version: invite.version.slice(0, 255) },
      });
    }
    const target = this.#checkForm(origin, invite);
    if (this.#parts.acceptsNone) throw new MatrixError('M_FORBIDDEN', 'This server does not accept room invites');
    const room = await names.findRoom(invite.roomId);
    if (room !== undefined) await acls.check(room, origin);
    await this.#checkTarget(target, invite.event['sender'] as string);
    limits.inviteFromElsewhere(target);
    const strippedState = checkStrippedState(invite.strippedState, invite.roomId, version);
    const signed = this.#sign(await this.#checked(invite, version), version);
    if (room !== undefined && (await servers.isInRoom(room, serverName))) await this.#receive(origin, invite, signed);
    else await this.#store(version, invite.roomId, signed, strippedState);
    return signed.json;
  }

  /** Only invites are signed, and only those of the origin's users for users of this server. Returns whom it invites. */
  #checkForm(origin: string, { roomId, event }: OfferedInvite): string {
    const { content, sender, state_key: target, type, room_id: ofRoom } = event;
    if (!isRoomId(roomId) || ofRoom !== roomId) throw invalid('The event is of another room');
    if (type !== 'm.room.member' || !isJsonObject(content) || getOwn(content, 'membership') !== 'invite')
      throw invalid('The event is not an invite');
    if (typeof sender !== 'string' || parseUserId(sender)?.serverName !== origin)
      throw invalid('The invite was not sent by a user of the server that hands it in');
    if (typeof target !== 'string' || parseUserId(target)?.serverName !== this.#parts.serverName)
      throw invalid('The invite is not for a user of this server');
    return target;
  }

  async #checkTarget(target: string, sender: string): Promise<void> {
    const { names, accounts, wishes } = this.#parts;
    const user = await names.findUser(target);
    const account = user === undefined ? undefined : await accounts.find(user);
    if (!account || account.deactivated) throw new MatrixError('M_NOT_FOUND', 'There is no such user');
    if (account.locked) throw new MatrixError('M_FORBIDDEN', 'This user cannot be invited');
    if ((await wishes.inviteRules(account.user))(sender) === 'block')
      throw new MatrixError('M_INVITE_BLOCKED', 'You are not permitted to invite this user.');
  }

  async #checked({ roomId, eventId, event }: OfferedInvite, version: RoomVersion): Promise<CheckedPdu> {
    const [checked] = await this.#parts.incoming.check(version, roomId, [event]);
    if (!checked) throw invalid('The event is malformed or not signed as it must be');
    if (checked.eventId !== eventId) throw invalid('The event has another id');
    return checked;
  }

  #sign({ eventId, pdu }: CheckedPdu, version: RoomVersion): CheckedPdu {
    const { identity } = this.#parts;
    const { event, text } = signEvent(pdu, version, identity.serverName, identity.key);
    return { eventId, pdu: event, json: text };
  }

  /** This server is in the room: the invite is an event like others, and meets the room's state. */
  async #receive(origin: string, { roomId }: OfferedInvite, signed: CheckedPdu): Promise<void> {
    const { verdict, event } = await this.#parts.incoming.receive(origin, roomId, signed);
    if (verdict === 'rejected' || verdict === 'soft-failed' || event.isRejected)
      throw new MatrixError('M_FORBIDDEN', 'The invite is not allowed by the state of the room');
  }

  async #store(version: RoomVersion, roomId: string, signed: CheckedPdu, strippedState: string[]): Promise<void> {
    const { incoming, invitedRooms } = this.#parts;
    const event = await incoming.storeOutOfBand(version, roomId, signed);
    await invitedRooms.record(event, version, strippedState);
  }
}

function invalid(message: string): MatrixError {
  return new MatrixError('M_INVALID_PARAM', message);
}
