import type { Core } from './core.ts';
import type { Destinations } from './features/destinations/index.ts';
import type { FederationClient } from './features/federation-client/index.ts';
import {
  createFederationOutbound,
  type Farewells,
  MissedDeviceLists,
  PresenceSender,
  ReceiptSender,
  TypingSender,
  type EduSender,
} from './features/federation-outbound/index.ts';
import type { Log } from './observability/log.ts';
import type { Metrics } from './observability/metrics.ts';
import type { ClientDataWiring } from './wire-client-data.ts';
import type { EncryptionWiring } from './wire-encryption.ts';

export interface FederationOutboundWiring {
  readonly edus: EduSender;
  readonly farewells: Farewells;
  /** Begins to send; after this, what earlier runs have left goes out. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface FederationOutboundWiringNeeds {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly client: FederationClient;
  readonly destinations: Destinations;
  readonly encryption: Pick<EncryptionWiring, 'keys'>;
  readonly clientData: Pick<ClientDataWiring, 'typing' | 'receipts' | 'presence'>;
}

/** Puts together what goes to other servers by itself: events, and what passes by. */
export async function wireFederationOutbound(
  core: Core,
  { log, metrics, client, destinations, encryption, clientData }: FederationOutboundWiringNeeds,
): Promise<FederationOutboundWiring> {
  const { config, runtime, serverName, names, members, roomServers, streams, timeline } = core;
  const { federation, rateLimits } = config;
  const sending = await createFederationOutbound({
    ...core,
    log,
    metrics,
    client,
    backoff: destinations,
    facts: encryption.keys.facts,
    settings: {
      isAllowed: (other) => federation.domainWhitelist?.has(other) ?? true,
      withDeviceNames: federation.deviceNameLookup,
      oddAnswerPauseMs: federation.destinationMinRetryIntervalMs,
      shownInMetrics: federation.metricsDomains,
    },
  });
  timeline.addProjection(sending.events);
  const { log: deviceLog } = encryption.keys;
  deviceLog.onChange((...change) => sending.deviceLists.changed(...change));
  const missed = new MissedDeviceLists({ ...core, servers: roomServers, store: sending.store }, (...change) =>
    deviceLog.changed(...change),
  );
  core.partialRooms.onComplete((writer, _room, completion) => missed.completed(writer, completion));
  const parts = { ...runtime, serverName, log, names, members, servers: roomServers, streams, edus: sending.outbound };
  const typing = new TypingSender(parts);
  clientData.typing.onChange((room, typist, isTyping) => typing.changed(room, typist, isTyping));
  const receipts = new ReceiptSender({
    ...parts,
    transactionsPerSecond: rateLimits.federationReceiptTransactionsPerRoomPerSecond,
  });
  clientData.receipts.onPublicReceipt((writer, receipt) => receipts.moved(writer, receipt));
  const presence = new PresenceSender({ ...parts, presence: clientData.presence, metrics: sending.metrics });
  roomServers.onServerCame((room, server) => void presence.serverCame(room, server));
  metrics.asyncGauge('synapse_federation_known_servers', 'Other servers in rooms that this server knows', () =>
    roomServers.known(),
  );
  return {
    edus: sending.outbound,
    farewells: sending.farewells,
    async start() {
      await sending.outbound.start();
      sending.returning.start();
    },
    async stop() {
      await sending.returning.stop();
      typing.stop();
      receipts.stop();
      presence.stop();
      await sending.outbound.stop();
    },
  };
}
