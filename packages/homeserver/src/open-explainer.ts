import type { Database } from '@myelin/database';
import { systemRuntime } from '@myelin/runtime';
import { CacheSizes } from './caches/index.ts';
import type { Config } from './config/index.ts';
import { AuthGraph } from './features/auth-graph/index.ts';
import { Counters } from './features/counters/index.ts';
import { EventExplainer } from './features/event-explanations/index.ts';
import { Events } from './features/events/index.ts';
import { Names } from './features/names/index.ts';
import { PartialRooms } from './features/partial-rooms/index.ts';
import { KeptKeys } from './features/server-keys/index.ts';
import { StateMaps } from './features/state-map/index.ts';
import { StateResolver } from './features/state-resolution/index.ts';
import { AuthStates, RoomHeads, RoomStates } from './features/timeline/index.ts';

/** What explains a server's events from its database, which is only read: the server may be running. */
export async function openExplainer(config: Config, database: Database): Promise<EventExplainer> {
  const { clock, timers } = systemRuntime;
  const serverName = config.server.name;
  const cacheSizes = new CacheSizes(config.caches);
  const counters = Counters.empty(database);
  const names = await Names.open(database, counters);
  const maps = await StateMaps.open(database, counters, cacheSizes.bytes('state_maps'));
  const events = await Events.open(database, counters, names, cacheSizes.bytes('events'));
  const heads = new RoomHeads(database, names, events);
  const authStates = new AuthStates(new RoomStates(names, maps, events));
  const graph = new AuthGraph(database, events);
  const resolver = new StateResolver({ clock, timers, names, events, maps, graph });
  const keys = new KeptKeys(serverName, config.keys, database.reader);
  const partialRooms = await PartialRooms.open(database, timers);
  return new EventExplainer({ serverName, names, events, maps, heads, authStates, resolver, keys, partialRooms });
}
