import type { Core } from './core.ts';
import type { DirectoryService } from './features/directory/index.ts';
import type { FederationClient } from './features/federation-client/index.ts';
import type { IncomingEvents } from './features/incoming-events/index.ts';
import type { InvitedRooms } from './features/invited-rooms/index.ts';
import type { MembershipService } from './features/membership/index.ts';
import {
  backfillTimes,
  HistoryServers,
  RemoteAliases,
  RemoteHistory,
  RoomsOfOthers,
  type HistoryGaps,
} from './features/remote-rooms/index.ts';
import type { RoomHistory } from './features/room-history/index.ts';
import type { RoomOutlines } from './features/room-outlines/index.ts';
import type { RoomServers } from './features/room-servers/index.ts';
import type { KeyRing } from './features/server-keys/index.ts';
import type { Log } from './observability/log.ts';
import type { Metrics } from './observability/metrics.ts';

export interface RemoteRoomsNeeds {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly client: FederationClient;
  readonly keyRing: KeyRing;
  readonly incoming: IncomingEvents;
  readonly gaps: HistoryGaps;
  readonly roomServers: RoomServers;
  readonly invitedRooms: InvitedRooms;
  readonly outlines: RoomOutlines;
  readonly membership: MembershipService;
  readonly directory: DirectoryService;
  readonly history: RoomHistory;
}

/** Gives those who deal with rooms of this server the way to rooms of others: coming and going, aliases, history. */
export function wireRemoteRooms(core: Core, needs: RemoteRoomsNeeds): RoomsOfOthers {
  const { config, runtime, serverName, names, events } = core;
  const { client, roomServers, membership, directory, history } = needs;
  const parts = { ...core, ...runtime, ...needs };
  const remoteRooms = new RoomsOfOthers({ ...parts, remoteLimit: config.rooms.remoteLimit });
  membership.useRemoteRooms(remoteRooms);
  directory.useRemote(new RemoteAliases(client, runtime.timers), roomServers);
  const historyServers = new HistoryServers(serverName, names, events, roomServers);
  history.useOthers(new RemoteHistory({ ...parts, historyServers, times: backfillTimes(needs.metrics) }));
  return remoteRooms;
}
