import type { Core } from './core.ts';
import type { AccountData } from './features/account-data/index.ts';
import type { Filters } from './features/filters/index.ts';
import { BundledRelations, Relations, relationsRoutes, type RelationStore } from './features/relations/index.ts';
import type { RoomAccess, RoomEvents } from './features/room-events/index.ts';
import { Pages, RoomContents, RoomHistory, roomHistoryRoutes } from './features/room-history/index.ts';
import type { EventVisibility } from './features/visibility/index.ts';
import type { Route } from './http/index.ts';

export interface RoomReadingNeeds {
  readonly access: RoomAccess;
  readonly visibility: EventVisibility;
  readonly filters: Filters;
  readonly relationStore: RelationStore;
  readonly ignoredUsers: AccountData;
  readonly roomEvents: RoomEvents;
}

/** What clients read of rooms. */
export interface RoomReading {
  readonly bundles: BundledRelations;
  readonly history: RoomHistory;
  readonly routes: readonly Route[];
}

export function wireRoomReading(core: Core, needs: RoomReadingNeeds): RoomReading {
  const { relationStore: store, roomEvents, ...others } = needs;
  const bundles = new BundledRelations({ ...core, ...others, store });
  const relations = new Relations({ ...core, ...others, store, bundles });
  roomEvents.addMessageCheck((...facts) => relations.check(...facts));
  const contents = new RoomContents({ ...core, ...others, bundles });
  const pages = new Pages(core.events, needs.visibility);
  const history = new RoomHistory({ ...core, ...others, pages, bundles, relations: store });
  return { bundles, history, routes: [...roomHistoryRoutes(history, contents), ...relationsRoutes(relations)] };
}
