import { federation, MatrixError } from '@myelin/api';
import {
  CanonicalEvent,
  parseJson,
  verifySignatures,
  type JsonObject,
  type JsonValue,
  type Pdu,
} from '@myelin/protocol';
import type { Timers } from '@myelin/runtime';
import type { FederationClient } from '../federation-client/index.ts';
import type { IncomingEvents } from '../incoming-events/index.ts';
import type { RoomNid, UserNid } from '../names/index.ts';
import type { RoomOutlines } from '../room-outlines/index.ts';
import type { KeyRing } from '../server-keys/index.ts';
import type { RoomHead, Timeline } from '../timeline/index.ts';
import { BadAnswer } from './bad-answer.ts';
import { serverOfUser } from './candidates.ts';
import { withDeadline } from './deadline.ts';
import { memberEventAtHead, type EventAtHead, type EventAtHeadParts } from './event-at-head.ts';
import { isUnknownEndpoint, refusalFor } from './refusals.ts';
import { signaturesOf } from './signatures-of.ts';

/** For the invited user's server to sign, in milliseconds. */
const patience = 30_000;
/** An event has 64 KiB at most; what is around it is of no use. */
const largestAnswer = 256 * 1024;

export interface RemoteInviteParts extends EventAtHeadParts {
  readonly timers: Timers;
  readonly client: FederationClient;
  readonly keyRing: KeyRing;
  readonly incoming: IncomingEvents;
  readonly outlines: RoomOutlines;
  readonly timeline: Timeline;
}

/** Invites users of other servers into rooms of this one. Server-Server API §"Inviting to a room". */
export class RemoteInvites {
  readonly #parts: RemoteInviteParts;

  constructor(parts: RemoteInviteParts) {
    this.#parts = parts;
  }

  /**
   * Makes the invite, lets the user's server sign it, and brings it into the room with both signatures. Resolves to its
   * id. Throws MatrixError: M_FORBIDDEN if the room's rules or the other server don't allow it.
   */
  async invite(
    inviter: { user: UserNid; userId: string },
    room: RoomNid,
    target: string,
    content: JsonObject,
  ): Promise<string> {
    const { serverName, incoming, timeline } = this.#parts;
    const server = serverOfUser(target);
    if (server === undefined) throw new MatrixError('M_INVALID_PARAM', 'That is not a valid user id');
    const head = await timeline.head(room);
    const event = await memberEventAtHead(this.#parts, head, { sender: inviter.userId, target, content });
    let signed: Pdu;
    try {
      signed = await this.#signedBy(server, event, await this.#ask(server, head, inviter.user, event));
    } catch (error) {
      throw refusalFor(error, 'The user was not invited');
    }
    const [pdu] = await incoming.check(event.version, head.roomId, [signed]);
    if (pdu?.eventId !== event.eventId) throw new Error('An invite of this server does not pass its own checks');
    const { verdict } = await incoming.receive(serverName, head.roomId, pdu);
    if (verdict === 'rejected' || verdict === 'soft-failed') {
      throw new MatrixError('M_FORBIDDEN', 'The room has changed meanwhile: the user may not be invited any more');
    }
    return event.eventId;
  }

  /** Resolves to the event as the other server gives it back. */
  async #ask(server: string, head: RoomHead, inviter: UserNid, event: EventAtHead): Promise<JsonObject> {
    const { client, timers, outlines } = this.#parts;
    const { version, eventId, pdu } = event;
    const params = { roomId: head.roomId, eventId };
    const state = (await outlines.pdus(head.state, inviter)).map(parsed);
    return withDeadline(timers, patience, async (signal) => {
      // The user waits for it: a server that failed lately is asked all the same.
      const options = { signal, maxBytes: largestAnswer, ignoreBackoff: true, retries: 'none' } as const;
      try {
        const body = { event: pdu, room_version: version.id, invite_room_state: state };
        const answer = await client.call(server, federation.sendInviteV2, { params, body }, options);
        return answer.event as JsonObject;
      } catch (error) {
        if (!isUnknownEndpoint(error)) throw error;
        // The older endpoint has no room version: it is for those with event ids of the sender's choice.
        if (version.eventIdFormat !== 'sender-chosen') {
          throw new MatrixError('M_UNSUPPORTED_ROOM_VERSION', "The user's server doesn't support the room's version");
        }
        const body = { ...pdu, unsigned: { ...pdu.unsigned, invite_room_state: state } };
        const [, answer] = await client.call(server, federation.sendInviteV1, { params, body }, options);
        return answer.event as JsonObject;
      }
    });
  }

  /** Our event with the other server's signature, if that is good: nothing else of what came back is taken. */
  async #signedBy(server: string, { version, pdu }: EventAtHead, returned: JsonObject): Promise<Pdu> {
    const theirs = signaturesOf(server, returned);
    if (!theirs) throw new BadAnswer('The server has not signed the invite');
    const signed: Pdu = { ...pdu, signatures: { ...pdu.signatures, [server]: theirs } };
    const at = Number(pdu.origin_server_ts);
    const findKey = await this.#parts.keyRing.keysFor([
      { server, keyIds: Object.keys(theirs), at, enforceValidity: version.enforceKeyValidity },
    ]);
    const text = CanonicalEvent.of(signed, version).signableText();
    if (verifySignatures(text, signed.signatures, server, findKey) !== undefined) {
      throw new BadAnswer("The server's signature of the invite is not good");
    }
    return signed;
  }
}

function parsed(text: string): JsonValue {
  const result = parseJson(text);
  if (!result.ok) throw new Error('The text of a stored event is not JSON');
  return result.value;
}
