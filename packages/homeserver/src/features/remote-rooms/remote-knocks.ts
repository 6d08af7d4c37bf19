import type { Clock } from '@myelin/runtime';
import type { IncomingEvents } from '../incoming-events/index.ts';
import type { InvitedRooms } from '../invited-rooms/index.ts';
import type { RemoteEntry } from '../membership/index.ts';
import { askInTurn } from './ask-in-turn.ts';
import { candidateServers, serverOfRoom } from './candidates.ts';
import type { MembershipExchange } from './membership-exchange.ts';
import { strippedTexts } from './stripped-texts.ts';

export interface RemoteKnockParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly incoming: IncomingEvents;
  readonly invitedRooms: InvitedRooms;
  readonly exchange: MembershipExchange;
}

/** Knocks at rooms that this server isn't in. Server-Server API §"Knocking upon a room". */
export class RemoteKnocks {
  readonly #parts: RemoteKnockParts;

  constructor(parts: RemoteKnockParts) {
    this.#parts = parts;
  }

  async knock({ roomId, userId, content, servers }: RemoteEntry): Promise<void> {
    const { clock, exchange, incoming, invitedRooms, serverName } = this.#parts;
    const candidates = candidateServers(serverName, servers, [serverOfRoom(roomId)]);
    const { own, state } = await askInTurn(candidates, "The room can't be knocked at", clock, async (resident) => {
      const event = await exchange.make('knock', { resident, roomId, userId, content });
      return { own: event, state: await exchange.sendKnock(event) };
    });
    const stored = await incoming.storeOutOfBand(own.version, roomId, own);
    await invitedRooms.record(stored, own.version, strippedTexts(state));
  }
}
