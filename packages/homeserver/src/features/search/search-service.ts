import { MatrixError } from '@myelin/api';
import type { Requester } from '../../http/index.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { Names, RoomNid, UserNid } from '../names/index.ts';
import { RoomEventSieve, type RelationLookup } from '../room-history/index.ts';
import type { EventVisibility, Viewer } from '../visibility/index.ts';
import { batchToken, parseBatchToken } from './batch-token.ts';
import type { Hit, SearchResults } from './hit.ts';
import type { ResultWriter } from './result-writer.ts';
import type { SearchIndexer } from './search-indexer.ts';
import type { SearchRequest } from './search-request.ts';
import type { Lookup, Found, Place, SearchStore } from './search-store.ts';
import type { SearchedRooms } from './searched-rooms.ts';

export interface SearchParts {
  readonly names: Names;
  readonly events: Events;
  readonly store: SearchStore;
  readonly indexer: SearchIndexer;
  readonly rooms: SearchedRooms;
  readonly relations: RelationLookup;
  readonly visibility: EventVisibility;
  readonly writer: ResultWriter;
  /** Whom a user ignores. */
  readonly ignoredUsers: { ignored(user: UserNid): Promise<ReadonlySet<UserNid>> };
  /** `enable_search` */
  readonly isEnabled: boolean;
}

/** So many of the best matches are looked at. */
const mostRanked = 500;
/** So many pages of the index are read for one page of results. */
const mostReads = 10;

/** Finding messages, room names and topics by their words, in the rooms that one is in. Client-Server API §"Server Side Search". */
export class Search {
  readonly #parts: SearchParts;

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  /** Resolves to the JSON text of the answer. */
  async search(requester: Requester, request: SearchRequest, nextBatch: string | undefined): Promise<string> {
    const { isEnabled, indexer, rooms, store, names, writer, ignoredUsers } = this.#parts;
    if (!isEnabled) throw new MatrixError('M_FORBIDDEN', 'Search is disabled on this homeserver');
    const batch = nextBatch === undefined || nextBatch === '' ? undefined : parseBatchToken(nextBatch);
    let within = await this.#allowed(await rooms.of(requester.user, request.rooms), request);
    if (batch?.room !== undefined) {
      const only = await names.findRoom(batch.room);
      within = within.filter((room) => room === only);
    }
    const { query, parts } = request;
    if (within.length === 0 || query.alternatives.length === 0 || parts.length === 0) return writer.empty(request);
    await indexer.catchUp();
    const lookup: Lookup = { query, rooms: within, parts };
    const viewer: Viewer = {
      user: requester.user,
      isJoined: true,
      ignored: await ignoredUsers.ignored(requester.user),
    };
    const hits = request.byRank
      ? await this.#best(lookup, request, viewer)
      : await this.#newest(lookup, request, viewer, batch?.place);
    const last = hits.at(-1);
    const isPaged = !request.byRank && last !== undefined && hits.length >= request.limit;
    const results: SearchResults = {
      count: await store.count(lookup),
      hits,
      nextBatch: isPaged ? batchToken({ room: batch?.room, place: placeOf(last) }) : undefined,
      groupBatch: (room) => {
        const end = hits.findLast(({ event }) => event.roomId === room);
        return isPaged && end ? batchToken({ room, place: placeOf(end) }) : undefined;
      },
    };
    return writer.text(requester, request, results, viewer);
  }

  async #allowed(rooms: readonly RoomNid[], { filter }: SearchRequest): Promise<RoomNid[]> {
    const allowed: RoomNid[] = [];
    for (const room of rooms) {
      const roomId = this.#parts.names.cachedRoomId(room) ?? (await this.#parts.names.roomId(room));
      if (filter.rooms.allows(roomId)) allowed.push(room);
    }
    return allowed;
  }

  async #best(lookup: Lookup, request: SearchRequest, viewer: Viewer): Promise<Hit[]> {
    const found = await this.#parts.store.byRank(lookup, mostRanked);
    return (await this.#visible(found, request, viewer)).slice(0, request.limit);
  }

  async #newest(lookup: Lookup, request: SearchRequest, viewer: Viewer, from: Place | undefined): Promise<Hit[]> {
    const hits: Hit[] = [];
    let before = from;
    const size = Math.max(request.limit, 10);
    for (let reads = 0; reads < mostReads && hits.length < request.limit; reads++) {
      const found = await this.#parts.store.byTime(lookup, before, size);
      hits.push(...(await this.#visible(found, request, viewer)));
      const last = found.at(-1);
      if (!last || found.length < size) break;
      before = { originServerTs: last.originServerTs, event: last.event };
    }
    return hits.slice(0, request.limit);
  }

  async #visible(found: readonly Found[], { filter }: SearchRequest, viewer: Viewer): Promise<Hit[]> {
    const { names, events, relations, visibility } = this.#parts;
    const stored = await events.getMany(found.map(({ event }) => event));
    const candidates: StoredEvent[] = [];
    for (const ofRoom of byRoom([...stored.values()].filter((event) => event.fields.redactedBy === undefined)))
      candidates.push(...(await new RoomEventSieve(filter, names, relations, undefined).sift(ofRoom)));
    const seen = new Map(
      (await visibility.filter(candidates, viewer))
        // Of erased users there is nothing left to find.
        .filter((event) => event.fields.unredactedJson === undefined)
        .map((event) => [event.nid, event]),
    );
    return found.flatMap((each) => {
      const event = seen.get(each.event);
      return event ? [{ event, found: each }] : [];
    });
  }
}

function byRoom(events: readonly StoredEvent[]): StoredEvent[][] {
  return [...Map.groupBy(events, (event) => event.room).values()];
}

function placeOf({ found }: Hit): Place {
  return { originServerTs: found.originServerTs, event: found.event };
}
