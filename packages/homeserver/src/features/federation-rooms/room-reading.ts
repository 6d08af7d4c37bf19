import { MatrixError } from '@myelin/api';
import type { Clock } from '@myelin/runtime';
import { limitExceeded } from '../../http/index.ts';
import { KeyedSlots } from '../../queues/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { RoomHead, RoomHeads } from '../timeline/index.ts';
import type { AuthChains } from './auth-chains.ts';
import type { EventsBetween, RoomGraph } from './room-graph.ts';
import type { PartialRooms, Reach, ServedRooms } from './served-rooms.ts';
import type { ServerSight } from './server-sight.ts';
import type { SlowReading } from './slow-reading.ts';

export interface RoomReadingParts {
  readonly serverName: string;
  readonly clock: Clock;
  readonly heads: RoomHeads;
  readonly events: Events;
  readonly rooms: ServedRooms;
  readonly sight: ServerSight;
  readonly graph: RoomGraph;
  readonly chains: AuthChains;
  readonly slowly: SlowReading;
  readonly partialRooms: PartialRooms;
}

const mostBackfilled = 100;
const mostMissing = 20;
const usualMissing = 10;
/** So many events around a time are looked at for one that the server may see. */
const mostNear = 100;
/** Requests of one server for one room that wait for each other. */
const mostWaiting = 20;
const retryAfterMs = 5_000;

/**
 * What servers may read of rooms that they are in, or were in until they were made to leave. Answers are JSON texts. All
 * throw M_FORBIDDEN for other servers.
 */
export class RoomReading {
  readonly #parts: RoomReadingParts;
  readonly #lanes = new KeyedSlots({ atOnce: 1, mostWaiting, refusal: () => limitExceeded(retryAfterMs) });

  constructor(parts: RoomReadingParts) {
    this.#parts = parts;
  }

  /** Server-Server API §GET /event. */
  async event(origin: string, eventId: string): Promise<string> {
    const { events, heads, rooms } = this.#parts;
    const event = await events.find(eventId);
    if (!event) throw notFound();
    const reach = await rooms.reachOf(origin, event.room);
    const head = await heads.find(event.room);
    if (!head || !reach(event)) throw notFound();
    return this.#transaction(head, origin, [event]);
  }

  /** The state before an event, and its auth chain. Server-Server API §GET /state. */
  async state(origin: string, roomId: string, eventId: string): Promise<string> {
    return this.#inLane(origin, roomId, async (head, reach) => {
      const { state, chain } = await this.#stateBefore(head, reach, eventId);
      return `{"auth_chain":${listOf(chain)},"pdus":${listOf(state)}}`;
    });
  }

  /** The same as ids. Server-Server API §GET /state_ids. */
  async stateIds(origin: string, roomId: string, eventId: string): Promise<string> {
    return this.#inLane(origin, roomId, async (head, reach) => {
      const { state, chain } = await this.#stateBefore(head, reach, eventId);
      return JSON.stringify({ auth_chain_ids: chain.map(idOf), pdu_ids: state.map(idOf) });
    });
  }

  /** Server-Server API §GET /event_auth. */
  async eventAuth(origin: string, roomId: string, eventId: string): Promise<string> {
    return this.#inLane(origin, roomId, async (head, reach) => {
      const event = await this.#parts.events.findInRoom(head.room, eventId);
      if (!event || event.isRejected || !reach(event)) throw notFound();
      return `{"auth_chain":${listOf(await this.#parts.chains.of(head.version, [event]))}}`;
    });
  }

  /** Server-Server API §GET /backfill. */
  async backfill(origin: string, roomId: string, from: readonly string[], limit: number): Promise<string> {
    return this.#inLane(origin, roomId, async (head, reach) => {
      const events = await this.#parts.graph.back(head, reach, from, Math.min(limit, mostBackfilled));
      return this.#transaction(head, origin, events);
    });
  }

  /** Server-Server API §POST /get_missing_events. */
  async missingEvents(
    origin: string,
    roomId: string,
    query: EventsBetween & { readonly limit?: number | undefined },
  ): Promise<string> {
    return this.#inLane(origin, roomId, async (head, reach) => {
      const { graph, sight } = this.#parts;
      const events = await graph.between(head, reach, query, Math.min(query.limit ?? usualMissing, mostMissing));
      return `{"events":[${(await sight.texts(head.version, origin, events)).join(',')}]}`;
    });
  }

  /** The event closest to a time that the server may see. Server-Server API §GET /timestamp_to_event. */
  async eventNear(origin: string, roomId: string, ts: number, forward: boolean): Promise<StoredEvent> {
    const { rooms, events, sight } = this.#parts;
    const { room } = await rooms.forMember(origin, roomId);
    for (let limit = 1; limit <= mostNear; limit *= mostNear) {
      const [event] = await sight.visible(origin, await events.timeline.closestInTime(room, ts, forward, limit));
      if (event) return event;
    }
    throw new MatrixError('M_NOT_FOUND', 'Unable to find an event in this direction');
  }

  async #inLane(
    origin: string,
    roomId: string,
    work: (head: RoomHead, reach: Reach) => Promise<string>,
  ): Promise<string> {
    const { head, reach } = await this.#parts.rooms.forReader(origin, roomId);
    return this.#lanes.run(`${origin} ${head.room}`, () => work(head, reach));
  }

  async #stateBefore(
    head: RoomHead,
    reach: Reach,
    eventId: string,
  ): Promise<{ state: StoredEvent[]; chain: StoredEvent[] }> {
    const { events, slowly, chains, partialRooms } = this.#parts;
    const event = await events.findInRoom(head.room, eventId);
    // Where the state isn't known (outliers) or means nothing (refused events), there is none to tell.
    if (!event || event.isOutlier || event.isRejected || !reach(event)) throw notFound();
    if (await partialRooms.lackMembers(head.room, [event]))
      throw new MatrixError('M_FORBIDDEN', 'The state at this event is not known here yet');
    const state = await slowly.state(event.fields.stateBefore, true);
    return { state, chain: await chains.of(head.version, state) };
  }

  async #transaction(head: RoomHead, origin: string, events: readonly StoredEvent[]): Promise<string> {
    const { sight, clock, serverName } = this.#parts;
    const texts = await sight.texts(head.version, origin, events);
    return `{"origin":${JSON.stringify(serverName)},"origin_server_ts":${clock.now()},"pdus":[${texts.join(',')}]}`;
  }
}

function listOf(events: readonly StoredEvent[]): string {
  return `[${events.map((event) => event.fields.json).join(',')}]`;
}

function idOf(event: StoredEvent): string {
  return event.eventId;
}

function notFound(): MatrixError {
  return new MatrixError('M_NOT_FOUND', 'Event not found');
}
