import type { Requester } from '../../http/index.ts';
import type { ClientEvents } from '../client-events/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid, UserNid } from '../names/index.ts';
import type { RoomHeads, RoomStates } from '../timeline/index.ts';
import type { EventVisibility, Viewer } from '../visibility/index.ts';
import type { Hit, SearchResults } from './hit.ts';
import { contextOf, type ResultContext } from './result-context.ts';
import type { SearchRequest } from './search-request.ts';

export interface ResultWriterParts {
  readonly events: Events;
  readonly states: RoomStates;
  readonly heads: RoomHeads;
  readonly visibility: EventVisibility;
  readonly clientEvents: ClientEvents;
  /** Relations told with events. */
  readonly bundles: {
    bundles(
      events: readonly StoredEvent[],
      user: UserNid,
      device: Requester['device'],
    ): Promise<ReadonlyMap<EventNid, string>>;
  };
}

/** Puts the answer to a search together, as text. Client-Server API §POST /search. */
export class ResultWriter {
  readonly #parts: ResultWriterParts;

  constructor(parts: ResultWriterParts) {
    this.#parts = parts;
  }

  empty({ query }: SearchRequest): string {
    return `{"search_categories":{"room_events":{"count":0,"highlights":${JSON.stringify(query.highlights)},"results":[]}}}`;
  }

  async text(requester: Requester, request: SearchRequest, results: SearchResults, viewer: Viewer): Promise<string> {
    const { hits, count, nextBatch } = results;
    const contexts = new Map<Hit, ResultContext>();
    for (const hit of hits)
      if (request.context) contexts.set(hit, await contextOf(this.#parts, hit.event, viewer, request.context));
    const around = [...contexts.values()].flatMap(({ before, after }) => [...before, ...after]);
    const format = await this.#formatter(requester, [...hits.map(({ event }) => event), ...around]);
    const list: string[] = [];
    for (const hit of hits) {
      const context = contexts.get(hit);
      list.push(
        `{"rank":${Math.max(0, hit.found.rank)},"result":${await format(hit.event)},"context":${context ? await contextText(context, format) : '{}'}}`,
      );
    }
    const members = [
      `"count":${count}`,
      `"highlights":${JSON.stringify(request.query.highlights)}`,
      `"results":[${list.join(',')}]`,
      ...(nextBatch === undefined ? [] : [`"next_batch":${JSON.stringify(nextBatch)}`]),
      ...(request.withState ? [`"state":{${(await this.#states(hits, requester)).join(',')}}`] : []),
      ...(request.groups.size > 0 ? [`"groups":${JSON.stringify(groupsOf(request, results))}`] : []),
    ];
    return `{"search_categories":{"room_events":{${members.join(',')}}}}`;
  }

  async #formatter(
    { user, device }: Requester,
    events: readonly StoredEvent[],
  ): Promise<(event: StoredEvent) => Promise<string>> {
    const { bundles, clientEvents } = this.#parts;
    const relations = new Map<EventNid, string>();
    // Relations are read room by room.
    for (const room of new Set(events.map((event) => event.room))) {
      const ofRoom = events.filter((event) => event.room === room);
      for (const [nid, text] of await bundles.bundles(ofRoom, user, device)) relations.set(nid, text);
    }
    return (event) => clientEvents.formatOne(event, { user, device, withRoomId: true, relations });
  }

  /** The current state of the rooms of the results. */
  async #states(hits: readonly Hit[], requester: Requester): Promise<string[]> {
    const { heads, states } = this.#parts;
    const out: string[] = [];
    const format = await this.#formatter(requester, []);
    for (const [room, roomId] of new Map(hits.map(({ event }) => [event.room, event.roomId]))) {
      const head = await heads.find(room);
      const texts: string[] = [];
      for (const event of head ? await states.all(head.state) : []) texts.push(await format(event));
      out.push(`${JSON.stringify(roomId)}:[${texts.join(',')}]`);
    }
    return out;
  }
}

async function contextText(
  { before, after, start, end, profiles }: ResultContext,
  format: (event: StoredEvent) => Promise<string>,
): Promise<string> {
  const texts = async (events: readonly StoredEvent[]): Promise<string> => {
    const all: string[] = [];
    for (const event of events) all.push(await format(event));
    return `[${all.join(',')}]`;
  };
  const shown = profiles === undefined ? '' : `,"profile_info":${JSON.stringify(profiles)}`;
  return `{"events_before":${await texts(before)},"events_after":${await texts(after)},"start":"${start}","end":"${end}"${shown}}`;
}

function groupsOf({ groups, byRank }: SearchRequest, { hits, groupBatch }: SearchResults): object {
  const grouped = (keyOf: (event: StoredEvent) => string, batchOf?: (key: string) => string | undefined): object => {
    const byKey = new Map<string, { results: string[]; order: number; next_batch?: string }>();
    for (const [at, { event, found }] of hits.entries()) {
      const key = keyOf(event);
      const group = byKey.get(key) ?? { results: [], order: byRank ? Math.max(0, Math.round(found.rank * 1e6)) : at };
      group.results.push(event.eventId);
      const batch = batchOf?.(key);
      if (batch !== undefined) group.next_batch = batch;
      byKey.set(key, group);
    }
    return Object.fromEntries(byKey);
  };
  return {
    ...(groups.has('room_id') ? { room_id: grouped((event) => event.roomId, groupBatch) } : {}),
    ...(groups.has('sender') ? { sender: grouped((event) => event.sender) } : {}),
  };
}
