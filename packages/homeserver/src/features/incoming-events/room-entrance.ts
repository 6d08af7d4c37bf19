import type { Database, Writer } from '@myelin/database';
import { MatrixError } from '@myelin/api';
import { getOwn, prevEventIds } from '@myelin/protocol';
import type { Clock } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { Events, StoredEvent } from '../events/index.ts';
import type { EventNid, Names, RoomNid, StateKeyNid } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import { emptyState, type StateMaps } from '../state-map/index.ts';
import type { ResolutionScope } from '../state-resolution/index.ts';
import type { EventPlacer, HistoryGaps, RoomHead, RoomHeads, RoomWriters, UnplacedEvent } from '../timeline/index.ts';
import { memberClaimsOf } from './checking/claims.ts';
import { idsOfAuthEvents, refusalOf, type EventJudge } from './checking/event-judge.ts';
import type { EventNamer } from './checking/event-namer.ts';
import type { CheckedPdu, RoomEntry } from './incoming-events.ts';
import type { Outliers } from './fetching/outliers.ts';
import { missingAmong } from './prev-events.ts';
import type { UnprovenEvents } from './checking/unproven-events.ts';

export interface RoomEntranceParts {
  readonly database: Database;
  readonly names: Names;
  readonly events: Events;
  readonly maps: StateMaps;
  readonly heads: RoomHeads;
  readonly writers: RoomWriters;
  readonly placer: EventPlacer;
  readonly gaps: HistoryGaps;
  readonly judge: EventJudge;
  readonly namer: EventNamer;
  readonly outliers: Outliers;
  readonly partialRooms: PartialRooms;
  readonly servers: Pick<JoinedServers, 'assume' | 'endAssuming'>;
  readonly unproven: Pick<UnprovenEvents, 'told'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Makes rooms from the join responses of other servers. Server-Server API §"Joining Rooms". */
export class RoomEntrance {
  readonly #parts: RoomEntranceParts;

  constructor(parts: RoomEntranceParts) {
    this.#parts = parts;
  }

  /** Throws M_FORBIDDEN if the state that the server tells doesn't allow the join, or isn't one. */
  async enter(entry: RoomEntry): Promise<StoredEvent> {
    const { heads, outliers, placer, namer, events, judge, maps, writers, gaps } = this.#parts;
    const room = await this.#room(entry.roomId);
    const before = await heads.find(room);
    if (before && before.version.id !== entry.version.id) throw refused('The room has another version here');
    const scope: ResolutionScope = { room, roomId: entry.roomId, version: entry.version };
    const known = await outliers.store(scope, [...entry.authChain, ...entry.state]);
    const lacking = entry.state.filter(({ eventId }) => !known.has(eventId)).map(({ eventId }) => eventId);
    await this.#parts.unproven.told(scope.roomId, lacking, prevEventIds(entry.join.pdu, entry.version));
    const state = this.#state(scope, entry, known);
    const authIds = idsOfAuthEvents(scope, entry.join);
    const authEvents = [...(await events.findMany(authIds)).values()];
    if (authEvents.length < authIds.length) throw refused('The answer lacks events that the join rests on');
    const choice = refusalOf(entry.join, judge.byAuthEvents(scope, entry.join, authEvents));
    if (choice) throw refused(choice[1]);
    // Members whom the join rests on are known although the others aren't.
    if (entry.partial)
      for (const { key, event } of memberClaimsOf(authEvents)) if (!state.has(key)) state.set(key, event);
    const [unplaced] = (await namer.name(scope, [entry.join])) as [UnplacedEvent];
    const outlier = await events.find(entry.join.eventId);
    if (outlier && !outlier.isOutlier) return outlier;
    const root = await this.#parts.database.transact((writer) => maps.build(writer, state));
    const allowed = refusalOf(entry.join, await judge.byState(scope, entry.join, { root, changes: [] }));
    if (allowed) throw refused(allowed[1]);
    return writers.run(room, async (writer) => {
      const head = await heads.find(room, writer);
      const nid = outlier?.nid ?? placer.takeNid();
      const stateAfter = await placer.stateAfter(writer, root, nid, unplaced);
      const start: RoomHead = head ?? { ...scope, state: emptyState, extremities: [] };
      const next = { stateBefore: root, stateAfter, state: stateAfter, others: [], isExtremity: true };
      const auth = authEvents.map((event) => event.nid);
      const placed = await placer.newest(writer, start, nid, unplaced, auth, next, {
        way: 'entered',
        outlier,
        isNew: !head,
      });
      await gaps.noteEntry(writer, placed.event);
      await gaps.add(writer, placed.event, await this.#missing(scope, entry.join));
      await this.#notePartial(writer, entry, placed.event);
      return placed.event;
    });
  }

  async #notePartial(
    writer: Writer,
    { origin, partial }: RoomEntry,
    { room, nid, position }: StoredEvent,
  ): Promise<void> {
    const { partialRooms, servers, clock } = this.#parts;
    const at = position as number;
    if (partial) {
      const named = { room, event: nid, position: at, origin, servers: partial.servers, started: clock.now() };
      await partialRooms.begin(writer, named);
      await servers.assume(writer, room, partial.servers, at);
    } else if (partialRooms.isPartial(room)) {
      await partialRooms.giveUp(writer, room);
      await servers.endAssuming(writer, room);
    }
  }

  async #room(roomId: string): Promise<RoomNid> {
    const { names, database } = this.#parts;
    return (await names.findRoom(roomId)) ?? database.transact((writer) => names.room(writer, roomId));
  }

  /** The state that the server tells, without what is rejected. */
  #state(
    scope: ResolutionScope,
    entry: RoomEntry,
    known: ReadonlyMap<string, StoredEvent>,
  ): Map<StateKeyNid, EventNid> {
    const state = new Map<StateKeyNid, EventNid>();
    let create: StoredEvent | undefined;
    let leftOut = 0;
    for (const { eventId } of entry.state) {
      const event = known.get(eventId);
      const key = event?.fields.stateKeyNid;
      if (!event || key === undefined || event.isRejected || event.room !== scope.room || state.has(key)) {
        leftOut++;
        continue;
      }
      if (event.type === 'm.room.create' && event.stateKey === '') create = event;
      state.set(key, event.nid);
    }
    if (leftOut > 0) this.#parts.log.warn({ room: scope.roomId, leftOut }, 'state events of a join response left out');
    if (!create) throw refused('The state in the answer has no create event');
    const version = getOwn(create.content, 'room_version') ?? '1';
    if (version !== scope.version.id) throw refused('The create event in the answer is of another room version');
    return state;
  }

  async #missing(scope: ResolutionScope, join: CheckedPdu): Promise<string[]> {
    const ids = new Set(prevEventIds(join.pdu, scope.version));
    return missingAmong(ids, await this.#parts.events.findMany(ids));
  }
}

function refused(message: string): MatrixError {
  return new MatrixError('M_FORBIDDEN', message);
}
