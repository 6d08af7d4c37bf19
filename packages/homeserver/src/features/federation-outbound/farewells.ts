import type { Database } from '@myelin/database';
import { boundedCache } from '../../caches/index.ts';
import type { Events } from '../events/index.ts';
import type { RoomNid } from '../names/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { Streams } from '../streams/index.ts';
import type { FederationOutbound } from './federation-outbound.ts';
import type { OutboundMetrics } from './outbound-metrics.ts';
import type { OutboundStore } from './outbound-store.ts';

export interface FarewellsParts {
  readonly serverName: string;
  readonly database: Database;
  readonly events: Pick<Events, 'get'>;
  readonly streams: Pick<Streams, 'next'>;
  readonly servers: Pick<JoinedServers, 'isInRoom' | 'partingOf'>;
  readonly store: OutboundStore;
  readonly outbound: Pick<FederationOutbound, 'offer'>;
  readonly metrics: OutboundMetrics;
}

/** Who was told of what. After a start they are told once more. */
const mostTold = 10_000;

/**
 * A server whose last user was made to leave a room is told so by who did it. If it speaks on in the room that didn't happen, or is
 * still under way: then it is told by those to whom it speaks, once by each.
 */
export class Farewells {
  readonly #parts: FarewellsParts;
  readonly #told = boundedCache<string, true>(mostTold);

  constructor(parts: FarewellsParts) {
    this.#parts = parts;
  }

  /** A server has sent an event of its own to a room in which none of its users is. */
  async tell(room: RoomNid, server: string): Promise<void> {
    const { servers, events, database, store, streams, outbound, metrics } = this.#parts;
    if (await servers.isInRoom(room, server)) return;
    const parting = await servers.partingOf(room, server);
    if (!parting || this.#told.has(`${room} ${server} ${parting.event}`)) return;
    this.#told.set(`${room} ${server} ${parting.event}`, true);
    const { sender, stateKey } = await events.get(parting.event);
    // What it has made itself it knows, and what this server has made it was sent; so were the ends of a room that were resolved.
    if (isBy(sender, server) || isBy(sender, this.#parts.serverName) || !isBy(stateKey ?? '', server)) return;
    await database.transact(async (writer) => {
      // One of its own: what was before it may have been sent, and noted as sent.
      const position = streams.next(writer);
      await store.putPartings(writer, [server], room, position, [parting.event]);
      writer.onDurable(() => {
        metrics.offered(1);
        outbound.offer([server], { kind: 'event', position, event: parting.event });
      });
    });
  }
}

function isBy(userId: string, server: string): boolean {
  return userId.endsWith(`:${server}`);
}
