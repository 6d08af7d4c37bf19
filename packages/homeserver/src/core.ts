import type { Database } from '@myelin/database';
import type { Runtime } from '@myelin/runtime';
import { CacheSizes } from './caches/index.ts';
import type { Config } from './config/index.ts';
import { Accounts, Passwords, ServerBlock } from './features/accounts/index.ts';
import { AuthGraph } from './features/auth-graph/index.ts';
import { ClientEvents, Transactions } from './features/client-events/index.ts';
import { ConsentGate, ConsentLinks } from './features/consent/index.ts';
import { counterNames, Counters } from './features/counters/index.ts';
import { Devices, LastSeen } from './features/devices/index.ts';
import { Events } from './features/events/index.ts';
import { InvitedRooms } from './features/invited-rooms/index.ts';
import { Names } from './features/names/index.ts';
import { PartialRooms } from './features/partial-rooms/index.ts';
import { RoomMembers } from './features/room-members/index.ts';
import { JoinedServers } from './features/room-servers/index.ts';
import { signingIdentity } from './features/server-keys/index.ts';
import { Sessions } from './features/sessions/index.ts';
import { StateMaps } from './features/state-map/index.ts';
import { StateResolver, type LargeResolutions } from './features/state-resolution/index.ts';
import { Streams } from './features/streams/index.ts';
import {
  AuthStates,
  EventPlacer,
  EventSigner,
  HistoryGaps,
  Redactions,
  Revisions,
  RoomHeads,
  RoomStates,
  RoomWriters,
  Timeline,
} from './features/timeline/index.ts';

/** The parts that nearly every feature stands on. */
export type Core = Awaited<ReturnType<typeof createCore>>;

/** Puts the foundation together, in the order in which its parts depend on each other. */
export async function createCore(config: Config, runtime: Runtime, database: Database, large?: LargeResolutions) {
  const { clock, random } = runtime;
  const serverName = config.server.name;
  const cacheSizes = new CacheSizes(config.caches);
  const counters = await Counters.open(database, counterNames);
  const streams = await Streams.open(counters);
  const names = await Names.open(database, counters);
  const maps = await StateMaps.open(database, counters, cacheSizes.bytes('state_maps'));
  const events = await Events.open(database, counters, names, cacheSizes.bytes('events'));
  const states = new RoomStates(names, maps, events);
  const authStates = new AuthStates(states);
  const heads = new RoomHeads(database, names, events);
  const signer = new EventSigner(signingIdentity(config.keys, serverName));
  const writers = new RoomWriters(database);
  const historyGaps = new HistoryGaps(database);
  const graph = new AuthGraph(database, events);
  const resolver = new StateResolver({ clock, timers: runtime.timers, names, events, maps, graph, large });
  const thread = large?.thread;
  if (thread) {
    events.onChange((event) => thread.changed(event));
    graph.chains.onAdded((added) => thread.chained(added));
  }
  const partialRooms = await PartialRooms.open(database, runtime.timers);
  const historyCounter = await counters.open('history_positions');
  const placer = new EventPlacer({ serverName, events, maps, graph, streams, heads, historyCounter });
  const timeline = new Timeline({
    clock,
    random,
    names,
    events,
    states,
    resolver,
    placer,
    heads,
    writers,
    authStates,
    signer,
    partialRooms,
  });
  const members = new RoomMembers(database, config.rooms.forgetOnLeave);
  timeline.addProjection(members);
  const roomServers = await JoinedServers.open(database, members, serverName);
  timeline.addProjection(roomServers);
  const redactions = new Redactions(serverName, events, authStates);
  timeline.addProjection(redactions);
  const invitedRooms = new InvitedRooms({ database, writers, members, streams });
  const transactions = new Transactions(database, clock);
  const clientEvents = new ClientEvents({
    clock,
    events,
    maps,
    heads,
    transactions,
    states,
    cacheBytes: cacheSizes.bytes('client_events'),
  });

  const accounts = new Accounts(database, clock);
  const passwords = new Passwords({ bcryptRounds: config.password.bcryptRounds, pepper: config.password.pepper });
  const devices = await Devices.open(database, counters);
  const lastSeen = new LastSeen(database, devices, runtime.timers);
  const serverBlock = new ServerBlock(config.server.blockedMessage, config.server.adminContact);
  const { consent, keys } = config;
  const consentLinks = keys.formSecret ? new ConsentLinks(keys.formSecret, config.server.publicBaseUrl) : undefined;
  const sessions = await Sessions.open({
    database,
    counters,
    clock,
    random,
    names,
    accounts,
    devices,
    lastSeen,
    block: serverBlock,
    consent: consent && consentLinks && new ConsentGate(consent, consentLinks),
    lifetimes: {
      session: config.sessions.sessionLifetimeMs,
      refreshableAccessToken: config.sessions.refreshableAccessTokenLifetimeMs,
      nonRefreshableAccessToken: config.sessions.nonrefreshableAccessTokenLifetimeMs,
      refreshToken: config.sessions.refreshTokenLifetimeMs,
    },
  });
  return {
    config,
    runtime,
    serverName,
    database,
    counters,
    cacheSizes,
    streams,
    names,
    maps,
    events,
    states,
    graph,
    resolver,
    placer,
    authStates,
    heads,
    signer,
    writers,
    historyGaps,
    timeline,
    members,
    roomServers,
    revisions: new Revisions(placer, redactions),
    partialRooms,
    invitedRooms,
    transactions,
    clientEvents,
    accounts,
    passwords,
    devices,
    lastSeen,
    serverBlock,
    consentLinks,
    sessions,
  };
}
