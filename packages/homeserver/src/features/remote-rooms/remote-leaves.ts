import { MatrixError } from '@myelin/api';
import {
  isJsonObject,
  parseJson,
  referenceHash,
  type EventReference,
  type Pdu,
  type RoomVersion,
} from '@myelin/protocol';
import { randomString, type Clock, type Random } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { CheckedPdu, IncomingEvents } from '../incoming-events/index.ts';
import type { InvitedRooms } from '../invited-rooms/index.ts';
import type { RemoteEntry } from '../membership/index.ts';
import type { Names } from '../names/index.ts';
import type { EventSigner } from '../timeline/index.ts';
import { askInTurn } from './ask-in-turn.ts';
import { BadAnswer } from './bad-answer.ts';
import { candidateServers, serverOfRoom, serverOfUser } from './candidates.ts';
import type { MembershipExchange } from './membership-exchange.ts';

export interface RemoteLeaveParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly names: Names;
  readonly events: Events;
  readonly signer: EventSigner;
  readonly incoming: IncomingEvents;
  readonly invitedRooms: InvitedRooms;
  readonly exchange: MembershipExchange;
}

/** Turns down invites to rooms that this server isn't in, and takes back knocks. Server-Server API §"Leaving Rooms". */
export class RemoteLeaves {
  readonly #parts: RemoteLeaveParts;

  constructor(parts: RemoteLeaveParts) {
    this.#parts = parts;
  }

  /**
   * Resolves to false if the user has neither an invite nor a knock there. No server can keep the user from putting them
   * away: where none helps, only this server knows of it.
   */
  async leave(entry: RemoteEntry): Promise<boolean> {
    const { names, invitedRooms, events, incoming, log } = this.#parts;
    const room = await names.findRoom(entry.roomId);
    const invited = room === undefined ? undefined : await invitedRooms.find(room, entry.user);
    if (!invited) return false;
    const event = await events.get(invited.event);
    let left: CheckedPdu;
    try {
      left = await this.#byServers(entry, event, invited);
    } catch (error) {
      if (!(error instanceof MatrixError)) throw error;
      log.info({ room: entry.roomId, err: error }, 'an invite or a knock is put away here only');
      left = this.#byOurselves(entry, event, invited.version);
    }
    const stored = await incoming.storeOutOfBand(invited.version, entry.roomId, left);
    await invitedRooms.record(stored, invited.version);
    return true;
  }

  #byServers(
    { roomId, userId, content, servers }: RemoteEntry,
    event: StoredEvent,
    invited: { readonly version: RoomVersion; readonly strippedState: readonly string[] },
  ): Promise<CheckedPdu> {
    const { clock, exchange, serverName } = this.#parts;
    const inviter = event.sender === userId ? undefined : serverOfUser(event.sender);
    const candidates = candidateServers(serverName, [inviter], servers, [
      serverOfRoom(roomId),
      creatorsServer(invited.strippedState),
    ]);
    return askInTurn(candidates, "The room can't be left", clock, async (resident) => {
      const own = await exchange.make('leave', { resident, roomId, userId, content });
      if (own.version !== invited.version) throw new BadAnswer('The room is of another version than was said');
      await exchange.sendLeave(own);
      return own;
    });
  }

  #byOurselves({ roomId, userId, content }: RemoteEntry, event: StoredEvent, version: RoomVersion): CheckedPdu {
    const { signer, clock, random, serverName } = this.#parts;
    const reference: EventReference =
      version.eventReferences === 'id' ? event.eventId : [event.eventId, { sha256: referenceHash(event.pdu, version) }];
    const { eventId, json } = signer.sign(
      {
        auth_events: [reference],
        content,
        depth: Math.min(event.fields.depth + 1, Number.MAX_SAFE_INTEGER),
        origin_server_ts: clock.now(),
        prev_events: [reference],
        room_id: roomId,
        sender: userId,
        state_key: userId,
        type: 'm.room.member',
        ...(version.eventIdFormat === 'sender-chosen'
          ? { event_id: `$${randomString(random, 24)}:${serverName}` }
          : {}),
      },
      version,
    );
    const parsed = parseJson(json);
    if (!parsed.ok) throw new Error('An event that was just signed is not JSON');
    return { eventId, json, pdu: parsed.value as Pdu };
  }
}

/** Where the room was made, by what was told of it: from version 12 on its id doesn't say. */
function creatorsServer(strippedState: readonly string[]): string | undefined {
  for (const text of strippedState) {
    const parsed = parseJson(text);
    if (!parsed.ok || !isJsonObject(parsed.value) || parsed.value['type'] !== 'm.room.create') continue;
    const { sender } = parsed.value;
    return typeof sender === 'string' ? serverOfUser(sender) : undefined;
  }
  return undefined;
}
