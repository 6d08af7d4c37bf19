import { MatrixError } from '@myelin/api';
import type { RoomVersion } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { IncomingEvents } from '../incoming-events/index.ts';
import { checkStrippedState, type InvitedRooms } from '../invited-rooms/index.ts';
import type { RemoteEntry } from '../membership/index.ts';
import { askInTurn } from './ask-in-turn.ts';
import { candidateServers, serverOfRoom } from './candidates.ts';
import type { MembershipExchange, OwnMembership } from './membership-exchange.ts';

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
    const candidates = candidateServers(serverName, servers);
    const home = candidateServers(serverName, [serverOfRoom(roomId)]);
    const knock = async (resident: string): Promise<{ own: OwnMembership; state: readonly unknown[] }> => {
      const own = await exchange.make('knock', { resident, roomId, userId, content });
      return { own, state: await exchange.sendKnock(own) };
    };
    const { own, state } = await askInTurn(candidates, "The room can't be knocked at", clock, knock, home);
    const stored = await incoming.storeOutOfBand(own.version, roomId, own);
    await invitedRooms.record(stored, own.version, outline(state, roomId, own.version));
  }
}

/** The knock stands whatever was told of the room with it. */
function outline(state: readonly unknown[], roomId: string, version: RoomVersion): string[] {
  try {
    return checkStrippedState(state, roomId, version);
  } catch (error) {
    if (error instanceof MatrixError) return [];
    throw error;
  }
}
