import type { OutboundHttp } from '@myelin/runtime';
import type { Core } from './core.ts';
import type { FederationClient } from './features/federation-client/index.ts';
import {
  createFederationRooms,
  federationRoomsRoutes,
  type InvitesElsewhere,
  type PartedServers,
} from './features/federation-rooms/index.ts';
import type { IncomingEvents } from './features/incoming-events/index.ts';
import {
  invitedRoomsRoutes,
  InviteTaking,
  RescindedInvites,
  type InviteWishes,
} from './features/invited-rooms/index.ts';
import type { MembershipLimits, RestrictedJoins } from './features/membership/index.ts';
import type { RoomOutlines } from './features/room-outlines/index.ts';
import type { RoomServers } from './features/room-servers/index.ts';
import type { ServerAcls } from './features/server-acls/index.ts';
import { RoomSummaries } from './features/sync/index.ts';
import type { Route } from './http/index.ts';

export interface RoomServingNeeds {
  readonly client: FederationClient;
  readonly http: OutboundHttp;
  readonly incoming: IncomingEvents;
  readonly acls: ServerAcls;
  readonly roomServers: RoomServers & PartedServers;
  readonly restrictedJoins: RestrictedJoins;
  readonly limits: MembershipLimits;
  readonly outlines: RoomOutlines;
  /** Who wants no invites. */
  readonly wishes: InviteWishes;
  /** The way of invites to other servers. */
  readonly invites: InvitesElsewhere;
}

export interface RoomServing {
  /** What other servers may ask about rooms. */
  readonly serverRoutes: Route[];
  /** Events of rooms that this server isn't in go here. */
  readonly rescindedInvites: RescindedInvites;
}

/** Rooms as other servers ask for them, invites by other servers. */
export function wireRoomServing(core: Core, needs: RoomServingNeeds): RoomServing {
  const { config, runtime, members, states, names, signer } = core;
  const parts = {
    ...core,
    ...needs,
    clock: runtime.clock,
    timers: runtime.timers,
    identity: signer.identity,
    servers: needs.roomServers,
  };
  const rooms = createFederationRooms({ ...parts, heroes: new RoomSummaries(members, states, names) });
  const inviteTaking = new InviteTaking({ ...parts, acceptsNone: config.server.blockNonAdminInvites });
  return {
    serverRoutes: [...federationRoomsRoutes(rooms), ...invitedRoomsRoutes(inviteTaking)],
    rescindedInvites: new RescindedInvites(parts),
  };
}
