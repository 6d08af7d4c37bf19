import type { Core } from './core.ts';
import {
  AnsweredTransactions,
  EduHandlers,
  federationInboundRoutes,
  inboundMetrics,
  InboundTransactions,
  LateEvents,
} from './features/federation-inbound/index.ts';
import { EventIntake } from './features/incoming-events/index.ts';
import { Filters, filtersRoutes } from './features/filters/index.ts';
import type { MediaFiles } from './features/media/index.ts';
import { invitePermissionCheck } from './features/membership/index.ts';
import { Profiles } from './features/profiles/index.ts';
import { RoomAccess } from './features/room-events/index.ts';
import { RelationStore } from './features/relations/index.ts';
import { RoomOutlines } from './features/room-outlines/index.ts';
import { ServerAcls } from './features/server-acls/index.ts';
import { OriginLimits } from './features/server-requests/index.ts';
import { countResolutions } from './features/state-resolution/index.ts';
import { createSpaces, federationSpacesRoutes, spacesRoutes } from './features/spaces/index.ts';
import { createSync, noSources, syncRoutes, type SyncSources } from './features/sync/index.ts';
import { EventMetrics } from './features/timeline/index.ts';
import { DirectoryStore, UserDirectory, userDirectoryRoutes } from './features/user-directory/index.ts';
import { EventVisibility } from './features/visibility/index.ts';
import { RateLimiter, type ServerAuthenticator } from './http/index.ts';
import type { ResourceRoutes } from './listeners.ts';
import { areaLog, type LogArea } from './observability/area-log.ts';
import type { Log } from './observability/log.ts';
import type { Metrics } from './observability/metrics.ts';
import { wireAccounts } from './wire-accounts.ts';
import { wireFederationPeople } from './wire-federation-people.ts';
import { wireFederation, wireFederationBase, type FederationPorts } from './wire-federation.ts';
import { wireFederationOutbound } from './wire-federation-outbound.ts';
import { wireEncryption } from './wire-encryption.ts';
import { wireClientData } from './wire-client-data.ts';
import { wireMedia } from './wire-media.ts';
import { wireSearch } from './wire-search.ts';
import { wireRooms } from './wire-rooms.ts';
import { wireServerItself } from './wire-server-itself.ts';
import { wireServerNotices } from './wire-server-notices.ts';
import { wireRemoteRooms } from './wire-remote-rooms.ts';
import { wireRoomReading } from './wire-room-reading.ts';
import { wireRoomServing } from './wire-room-serving.ts';

/** The features of a running server: what they serve, and what must be started and stopped with it. */
export interface Wiring {
  readonly resources: readonly ResourceRoutes[];
  /** Begins what may make others call this server: after it listens. */
  start(): Promise<void>;
  /** Checks the requests of other servers. */
  readonly servers: ServerAuthenticator;
  /** Before the server listens no more. */
  prepareStop(): void;
  stop(): Promise<void>;
}

/** What stands outside of the server and can be given in another form. */
export interface WiringPorts extends FederationPorts {
  /** Where media is kept, instead of in `media_store_path`. */
  readonly mediaFiles?: MediaFiles;
}

/** Puts the features together, by hand, in the order in which they depend on each other. */
export async function wireFeatures(core: Core, log: Log, metrics: Metrics, ports: WiringPorts = {}): Promise<Wiring> {
  const { config, runtime, serverName, database, names, heads, states, members, timeline, events } = core;
  const { clock } = runtime;
  const logOf = (area: LogArea): Log => areaLog(log, config.logging, area);

  timeline.addProjection(new EventMetrics(metrics));
  countResolutions(core.resolver, metrics);
  metrics.gauge('synapse_event_persisted_position', 'Position that everything up to is stored', () =>
    core.streams.current(),
  );
  const federation = await wireFederationBase(core, logOf('federation'), metrics, ports);
  const profiles = new Profiles(database, core.cacheSizes.bytes('profiles'));
  const userDirectory = new UserDirectory({
    ...core,
    store: new DirectoryStore(database),
    profiles,
    config: config.userDirectory,
  });
  timeline.addProjection(userDirectory);
  profiles.onChange((writer, user) => userDirectory.refresh(writer, user));
  const access = new RoomAccess(names, heads, members, states);
  const rooms = wireRooms(core, profiles, access);
  const { membership, roomEvents, aliases, directory, publicRooms, restrictedJoins } = rooms;
  const people = await wireAccounts(core, {
    log: logOf('handlers'),
    profiles,
    userDirectory,
    aliases,
    membership,
    rooms: rooms.creator,
  });

  const spaces = createSpaces({
    ...core,
    clock,
    client: federation.client,
    servers: core.roomServers,
    restrictedJoins,
    cards: rooms.cards,
    aliases: directory,
  });
  const visibility = new EventVisibility(states, heads, core.events, core.accounts);
  const filters = new Filters(database, config.server.filterTimelineLimit);
  const outlines = new RoomOutlines(states, events, core.clientEvents, core.invitedRooms, config.rooms.prejoinState);
  const relationStore = new RelationStore(database, events);
  timeline.addProjection(relationStore);
  core.revisions.onRevision(async (writer, { takenBack, restored }) => {
    for (const event of takenBack) await relationStore.takeBack(writer, event);
    for (const event of restored) await relationStore.restore(writer, event);
  });
  const clientData = await wireClientData(core, {
    log: logOf('handlers.presence'),
    access,
    visibility,
    relations: relationStore,
    deactivation: people.deactivation,
  });
  const { accountData } = clientData;
  membership.addInviteCheck(invitePermissionCheck(accountData));
  const reading = wireRoomReading(core, {
    access,
    visibility,
    filters,
    relationStore,
    ignoredUsers: accountData,
    roomEvents,
  });
  const { bundles, history } = reading;
  const encryption = await wireEncryption(core, logOf('handlers.e2e_keys'), people);
  const sources: SyncSources = { ...noSources, ...clientData.sources, ...encryption.sources, relations: bundles };
  const sync = createSync({
    ...core,
    runtime,
    log: logOf('handlers.sync'),
    visibility,
    filters,
    outlines,
    sources,
    excludedRooms: config.rooms.excludedFromSync,
  });

  const noticeRoutes = wireServerNotices(core, {
    profiles,
    membership,
    creator: rooms.creator,
    roomEvents,
    accountData,
  });
  const search = wireSearch(core, {
    log: logOf('handlers.search'),
    filters,
    visibility,
    relations: relationStore,
    bundles,
    ignoredUsers: accountData,
  });
  const media = await wireMedia(core, logOf('media'), federation, ports.mediaFiles);
  if (media) people.profileEditor.useMedia(media.library);
  const acls = new ServerAcls(heads, states);
  const figures = inboundMetrics(metrics, config.federation.metricsDomains, runtime.clock);
  const incoming = new EventIntake({
    ...core,
    ...runtime,
    ...federation,
    onSoftFailed: figures.softFailed,
    log: logOf('federation'),
    isInRoom: (room) => core.roomServers.isInRoom(room, serverName),
  });
  const remoteRooms = wireRemoteRooms(core, {
    ...federation,
    log: logOf('federation'),
    metrics,
    incoming,
    gaps: core.historyGaps,
    roomServers: core.roomServers,
    invitedRooms: core.invitedRooms,
    outlines,
    membership,
    directory,
    history,
  });
  const outgoing = await wireFederationOutbound(core, {
    ...federation,
    log: logOf('federation'),
    metrics,
    encryption,
    clientData,
  });
  const roomServing = wireRoomServing(core, {
    client: federation.client,
    http: federation.http,
    incoming,
    acls,
    roomServers: core.roomServers,
    restrictedJoins,
    limits: rooms.membershipLimits,
    outlines,
    wishes: accountData,
    invites: remoteRooms,
  });
  const edus = new EduHandlers();
  const federatedPeople = wireFederationPeople(core, {
    log: logOf('federation'),
    metrics,
    client: federation.client,
    edus,
    eduSender: outgoing.edus,
    acls,
    roomServers: core.roomServers,
    profiles,
    aliases,
    directory,
    publicRooms,
    people,
    clientData,
    encryption,
  });
  const answers = new AnsweredTransactions({ ...core, ...runtime, log: logOf('federation') });
  const late = new LateEvents({ ...core, ...runtime, log: logOf('federation') });
  const inbound = new InboundTransactions({
    ...core,
    late,
    answers,
    acls,
    intake: incoming,
    outside: roomServing.rescindedInvites,
    farewells: outgoing.farewells,
    edus,
    limits: new OriginLimits({
      ...runtime,
      limits: config.rateLimits.federation,
      metrics: federation.limitMetrics,
    }),
    clock: runtime.clock,
    metrics: figures,
    log: logOf('federation'),
  });
  people.start();
  const pruning = runtime.timers.every(
    3_600_000,
    () =>
      void core.transactions
        .prune()
        .catch((err: unknown) => logOf('storage').warn({ err }, 'old transaction ids could not be dropped')),
  );
  return {
    servers: federation.servers,
    resources: [
      {
        resource: 'client',
        routes: [
          ...people.routes,
          ...rooms.routes,
          ...userDirectoryRoutes(userDirectory, new RateLimiter(clock, config.rateLimits.userDirectory)),
          ...spacesRoutes(spaces),
          ...filtersRoutes(filters),
          ...syncRoutes(sync),
          ...reading.routes,
          ...search.routes,
          ...noticeRoutes,
          ...encryption.routes,
          ...clientData.routes,
        ],
      },
      { resource: 'media', routes: media?.routes ?? [] },
      ...wireServerItself(core, metrics),
      ...wireFederation(core, federation),
      {
        resource: 'federation',
        routes: [
          ...federationInboundRoutes(inbound),
          ...roomServing.serverRoutes,
          ...federatedPeople.routes,
          ...(media?.serverRoutes ?? []),
        ],
      },
      { resource: 'federation', routes: federationSpacesRoutes(spaces) },
      { resource: 'openid', routes: people.openIdRoutes },
      { resource: 'consent', routes: people.consentRoutes },
    ],
    async start() {
      await outgoing.start();
      late.start((...event) => inbound.retry(...event));
      incoming.start();
      remoteRooms.start();
    },
    prepareStop: () => federation.destinations.stopNoting(),
    async stop() {
      pruning.cancel();
      await remoteRooms.stop();
      await outgoing.stop();
      await late.stop();
      await incoming.stop();
      await answers.flush();
      await search.stop();
      await federatedPeople.stop();
      await media?.stop();
      await clientData.stop();
      await encryption.stop();
      await people.stop();
      await federation.stop();
    },
  };
}
