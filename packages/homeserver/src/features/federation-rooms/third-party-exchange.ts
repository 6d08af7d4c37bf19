import { federation, MatrixError, type BodyOf } from '@myelin/api';
import { isServerName, parseRoomId, parseUserId, type JsonObject } from '@myelin/protocol';
import type { Accounts } from '../accounts/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import type { RoomHead, RoomStates, Timeline } from '../timeline/index.ts';
import type { ServedRooms } from './served-rooms.ts';
import type { ThirdPartyKeys } from './third-party-keys.ts';

/** Invites of users of other servers, who sign them. Implemented by `features/remote-rooms`. Throws M_FORBIDDEN. */
export interface InvitesElsewhere {
  invite(
    inviter: { readonly user: UserNid; readonly userId: string },
    room: RoomNid,
    target: string,
    content: JsonObject,
  ): Promise<unknown>;
}

export interface ThirdPartyExchangeParts {
  readonly serverName: string;
  readonly names: Names;
  readonly accounts: Accounts;
  readonly states: RoomStates;
  readonly timeline: Timeline;
  readonly client: FederationClient;
  readonly invites: InvitesElsewhere;
  readonly rooms: ServedRooms;
  readonly keys: ThirdPartyKeys;
}

/** What an identity server has signed: this user has the identifier that was invited. */
export type SignedBinding = BodyOf<
  typeof federation.exchangeThirdPartyInvite
>['content']['third_party_invite']['signed'];

/** An invitation of an identifier that has become one of a user. */
interface BoundInvite {
  readonly roomId: string;
  /** Who invited. */
  readonly sender: string;
  readonly target: string;
  readonly signed: SignedBinding;
}

/** So many invitations of one identifier are followed. */
const mostInvites = 20;
/** For all that one server is asked, in milliseconds. */
const patience = 30_000;

/** Turns invitations of e-mail addresses and telephone numbers into invites. Server-Server API §"Third-party invites". */
export class ThirdPartyExchange {
  readonly #parts: ThirdPartyExchangeParts;

  constructor(parts: ThirdPartyExchangeParts) {
    this.#parts = parts;
  }

  /**
   * Another server says that one of its users has the identifier. Whether that is so the room's rules decide, by the keys
   * in the m.room.third_party_invite event. Throws M_INVALID_PARAM, M_NOT_FOUND, M_FORBIDDEN.
   */
  async exchange(
    origin: string,
    roomId: string,
    { type, room_id: ofRoom, sender, state_key: target, content }: BodyOf<typeof federation.exchangeThirdPartyInvite>,
  ): Promise<void> {
    const { signed } = content.third_party_invite;
    if (type !== 'm.room.member' || content.membership !== 'invite') throw invalid('The event is not an invite');
    if (ofRoom !== roomId) throw invalid('The event is of another room');
    if (!parseUserId(sender) || !parseUserId(target) || signed.mxid !== target)
      throw invalid('The invite is not for the user that the identity server names');
    const head = await this.#parts.rooms.forVisitor(origin, roomId);
    await this.#invite(head, { roomId, sender, target, signed });
  }

  /**
   * An identity server (or whoever says to be one: what it has signed is what counts) says that users of this server have
   * identifiers that were invited. All are tried; throws what the last failure was.
   */
  async bound(invites: BodyOf<typeof federation.onBindThirdPartyIdentifier>['invites']): Promise<void> {
    let failure: unknown;
    for (const { room_id: roomId, sender, mxid: target, signed } of invites.slice(0, mostInvites)) {
      try {
        await this.#boundHere({ roomId, sender, target, signed });
      } catch (error) {
        failure = error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  async #boundHere(invite: BoundInvite): Promise<void> {
    const { rooms, serverName } = this.#parts;
    if (invite.signed.mxid !== invite.target || !(await this.#isOurs(invite.target)))
      throw new MatrixError('M_FORBIDDEN', 'That is not a user of this server');
    let head: RoomHead;
    try {
      head = await rooms.forVisitor(serverName, invite.roomId);
    } catch {
      await this.#forward(invite);
      return;
    }
    await this.#invite(head, invite);
  }

  async #isOurs(userId: string): Promise<boolean> {
    const { names, accounts, serverName } = this.#parts;
    if (parseUserId(userId)?.serverName !== serverName) return false;
    const user = await names.findUser(userId);
    const account = user === undefined ? undefined : await accounts.find(user);
    return account !== undefined && !account.deactivated;
  }

  /** To servers that are in the room: that of who invited, and the one where the room was made. */
  async #forward({ roomId, sender, target, signed }: BoundInvite): Promise<void> {
    const { client, serverName } = this.#parts;
    const made = parseRoomId(roomId);
    const servers = new Set([parseUserId(sender)?.serverName, made?.form === 'domain' ? made.serverName : undefined]);
    const body = {
      type: 'm.room.member',
      room_id: roomId,
      sender,
      state_key: target,
      content: { membership: 'invite', third_party_invite: { signed } },
    };
    for (const server of servers) {
      if (server === undefined || !isServerName(server) || server === serverName) continue;
      try {
        const input = { params: { roomId }, body };
        await client.call(server, federation.exchangeThirdPartyInvite, input, { longestMs: patience });
        return;
      } catch {
        // The other one may do it.
      }
    }
    throw new MatrixError('M_UNKNOWN', 'No server in the room takes the invite', { status: 502 });
  }

  async #invite(head: RoomHead, { sender, target, signed }: BoundInvite): Promise<void> {
    const { states, timeline, invites, names, keys, serverName } = this.#parts;
    const promise = await states.get(head.state, 'm.room.third_party_invite', signed.token);
    if (!promise) throw new MatrixError('M_FORBIDDEN', 'The invitation is not known');
    const invite: JsonObject = { signed: signed as unknown as JsonObject };
    await keys.check(invite['signed'] as JsonObject, promise.content);
    const name = promise.content['display_name'];
    if (typeof name === 'string') invite['display_name'] = name;
    const content: JsonObject = { membership: 'invite', third_party_invite: invite };
    // Who isn't known here has sent no invitation either.
    const senderNid = await names.findUser(sender);
    if (senderNid === undefined) throw new MatrixError('M_FORBIDDEN', 'The invitation is not known');
    if (parseUserId(target)?.serverName !== serverName) {
      await invites.invite({ user: senderNid, userId: sender }, head.room, target, content);
      return;
    }
    await timeline.append(head.room, { type: 'm.room.member', stateKey: target, content, sender, senderNid });
  }
}

function invalid(message: string): MatrixError {
  return new MatrixError('M_INVALID_PARAM', message);
}
