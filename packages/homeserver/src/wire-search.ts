import type { Core } from './core.ts';
import { EventFeed } from './features/events/index.ts';
import type { Filters } from './features/filters/index.ts';
import type { BundledRelations, RelationStore } from './features/relations/index.ts';
import {
  ResultWriter,
  Search,
  SearchedRooms,
  SearchIndexer,
  searchRoutes,
  SearchStore,
} from './features/search/index.ts';
import type { EventVisibility } from './features/visibility/index.ts';
import type { Route } from './http/index.ts';
import type { Log } from './observability/log.ts';

export interface SearchNeeds {
  readonly log: Log;
  readonly filters: Filters;
  readonly visibility: EventVisibility;
  readonly relations: RelationStore;
  readonly bundles: BundledRelations;
  readonly ignoredUsers: ConstructorParameters<typeof Search>[0]['ignoredUsers'];
}

export interface SearchWiring {
  readonly routes: readonly Route[];
  stop(): Promise<void>;
}

/** Puts the search together. */
export function wireSearch(core: Core, { log, filters, ...needs }: SearchNeeds): SearchWiring {
  const { config, runtime, database, revisions } = core;
  const store = new SearchStore(database);
  const indexer = new SearchIndexer({
    ...core,
    ...runtime,
    store,
    feed: new EventFeed(database),
    onFailure: (err) => log.error({ err }, 'The index of the search could not be brought up to date'),
  });
  const isEnabled = config.server.enableSearch;
  if (isEnabled) {
    indexer.start();
    revisions.onRevision((writer, { takenBack, back, restored }) =>
      indexer.reconsider(writer, [...takenBack, ...back, ...restored]),
    );
  }
  const search = new Search({
    ...core,
    ...needs,
    store,
    indexer,
    rooms: new SearchedRooms(core),
    writer: new ResultWriter({ ...core, ...needs }),
    isEnabled,
  });
  return { routes: searchRoutes(search, filters), stop: () => indexer.stop() };
}
