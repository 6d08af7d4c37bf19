import type { Log } from '../../observability/log.ts';
import type { Runtime } from '@myelin/runtime';
import type { Database } from '@myelin/database';
import type { ClientEvents } from '../client-events/index.ts';
import type { Events } from '../events/index.ts';
import type { Filters } from '../filters/index.ts';
import type { Names } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { RoomMembers } from '../room-members/index.ts';
import type { RoomOutlines } from '../room-outlines/index.ts';
import type { StateMaps } from '../state-map/index.ts';
import type { Streams } from '../streams/index.ts';
import type { HistoryGaps, RoomHeads, RoomStates } from '../timeline/index.ts';
import type { EventVisibility } from '../visibility/index.ts';
import { RoomChangeFinder } from './room-changes.ts';
import { RoomSections } from './room-sections.ts';
import { RoomStateDeltas } from './room-state-delta.ts';
import { RoomSummaries } from './room-summary.ts';
import { RoomTimelines } from './room-timeline.ts';
import type { SyncSources } from './sources.ts';
import { SyncService } from './sync-service.ts';
import { SyncWaiters } from './sync-waiters.ts';

export interface SyncNeeds {
  readonly runtime: Runtime;
  readonly log: Log;
  readonly database: Database;
  readonly streams: Streams;
  readonly names: Names;
  readonly maps: StateMaps;
  readonly events: Events;
  readonly states: RoomStates;
  readonly heads: RoomHeads;
  readonly members: RoomMembers;
  readonly partialRooms: PartialRooms;
  readonly clientEvents: ClientEvents;
  readonly historyGaps: HistoryGaps;
  readonly visibility: EventVisibility;
  readonly filters: Filters;
  readonly outlines: RoomOutlines;
  readonly sources: SyncSources;
  /** See SyncParts. */
  readonly excludedRooms: ReadonlySet<string>;
}

/** Puts the parts of /sync together. */
export function createSync(needs: SyncNeeds): SyncService {
  const {
    runtime,
    log,
    database,
    streams,
    names,
    maps,
    events,
    states,
    heads,
    members,
    partialRooms,
    clientEvents,
    filters,
    outlines,
    sources,
    excludedRooms,
  } = needs;
  return new SyncService({
    database,
    clock: runtime.clock,
    timers: runtime.timers,
    log,
    streams,
    names,
    members,
    partialRooms,
    filters,
    waiters: new SyncWaiters(streams, members),
    changes: new RoomChangeFinder(streams, database),
    outlines,
    sources,
    excludedRooms,
    sections: new RoomSections({
      events,
      states,
      heads,
      clientEvents,
      timelines: new RoomTimelines(events, needs.visibility, needs.historyGaps),
      deltas: new RoomStateDeltas(maps, events),
      summaries: new RoomSummaries(members, states, names),
      sources,
    }),
  });
}
