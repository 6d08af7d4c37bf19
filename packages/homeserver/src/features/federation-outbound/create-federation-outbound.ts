import type { Database } from '@myelin/database';
import type { Runtime } from '@myelin/runtime';
import type { Log } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { Counters } from '../counters/index.ts';
import type { Events } from '../events/index.ts';
import type { FederationClient } from '../federation-client/index.ts';
import type { Names } from '../names/index.ts';
import type { PartialRooms } from '../partial-rooms/index.ts';
import type { JoinedServers } from '../room-servers/index.ts';
import type { Streams } from '../streams/index.ts';
import { CatchUp } from './catch-up.ts';
import { DestinationSender } from './destination-sender.ts';
import { DeviceListSender } from './device-list-sender.ts';
import { DeviceUpdates, type DeviceFacts } from './device-updates.ts';
import { EduStore } from './edu-store.ts';
import { Farewells } from './farewells.ts';
import { FederationOutbound } from './federation-outbound.ts';
import { Introductions } from './introductions.ts';
import { OutboundEvents } from './outbound-events.ts';
import { noOutboundMetrics, outboundMetrics, type Pending } from './outbound-metrics.ts';
import { OutboundStore } from './outbound-store.ts';
import { Renderer } from './renderer.ts';
import { Returning } from './returning.ts';
import type { Backoff } from './servers-behind.ts';
import { OutgoingTransactions } from './transactions.ts';

export interface FederationOutboundNeeds {
  readonly serverName: string;
  readonly runtime: Runtime;
  readonly database: Database;
  readonly counters: Counters;
  readonly streams: Streams;
  readonly names: Names;
  readonly events: Pick<Events, 'get' | 'getMany' | 'timeline'>;
  readonly roomServers: JoinedServers;
  readonly partialRooms: Pick<PartialRooms, 'isPartial'>;
  readonly client: Pick<FederationClient, 'call'>;
  readonly backoff: Backoff;
  readonly facts: DeviceFacts;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly settings: OutboundSettings;
}

export interface OutboundSettings {
  /** By `federation_domain_whitelist`. */
  readonly isAllowed: (serverName: string) => boolean;
  /** `allow_device_name_lookup_over_federation` */
  readonly withDeviceNames: boolean;
  /** `federation.destination_min_retry_interval` */
  readonly oddAnswerPauseMs: number;
  /** `federation_metrics_domains` */
  readonly shownInMetrics: ReadonlySet<string>;
}

export type FederationSending = Awaited<ReturnType<typeof createFederationOutbound>>;

/** Rows that are read at a time at a start. */
const page = 500;

/** Puts the feature together. `outbound` sends, `events` is the projection to be added, `deviceLists` hears of keys, `farewells` of who speaks from outside. */
export async function createFederationOutbound(needs: FederationOutboundNeeds) {
  const { serverName, runtime, database, counters, streams, roomServers, settings, log } = needs;
  const store = new OutboundStore(database);
  const edus = await EduStore.open(database, counters);
  let pending = (): Pending => ({ destinations: 0, pdus: 0, edus: 0 });
  const metrics = needs.metrics
    ? outboundMetrics(
        needs.metrics,
        settings.shownInMetrics,
        () => runtime.clock.now(),
        () => pending(),
      )
    : noOutboundMetrics;
  const devices = new DeviceUpdates(needs.names, needs.facts, settings.withDeviceNames);
  const introductions = new Introductions(devices, serverName, (room) => needs.partialRooms.isPartial(room));
  const sender = new DestinationSender({
    ...runtime,
    streams,
    edus,
    catchUp: new CatchUp(store, roomServers),
    renderer: new Renderer(needs.events, devices),
    transactions: new OutgoingTransactions({
      ...runtime,
      serverName,
      client: needs.client,
      log,
      counter: await counters.open('outbound_transactions'),
      edus,
      metrics,
    }),
  });
  const outbound = new FederationOutbound({
    ...runtime,
    serverName,
    log,
    streams,
    store,
    edus,
    sender,
    backoff: needs.backoff,
    isAllowed: settings.isAllowed,
    concernedSince: (position) => concernedSince(store, roomServers, position),
    oddAnswerPauseMs: settings.oddAnswerPauseMs,
  });
  pending = () => outbound.pending;
  const events = new OutboundEvents({
    serverName,
    servers: roomServers,
    store,
    outbound,
    metrics,
    introductions,
  });
  const deviceLists = new DeviceListSender({ serverName, names: needs.names, servers: roomServers, store, outbound });
  const farewells = new Farewells({ ...needs, servers: roomServers, store, outbound, metrics });
  const returning = new Returning({
    ...runtime,
    serverName,
    log,
    store,
    servers: roomServers,
    outbound,
    newestIn: async (room) => (await needs.events.timeline.pointAt(room, Number.MAX_SAFE_INTEGER))?.position ?? 0,
  });
  return { outbound, events, deviceLists, edus, store, metrics, farewells, returning };
}

/** The servers in rooms in which something was to be sent after a position, and those that share rooms with whose devices changed. */
async function concernedSince(store: OutboundStore, servers: JoinedServers, position: number): Promise<Set<string>> {
  const found = new Set<string>();
  const add = (names: Iterable<string>): void => {
    for (const name of names) found.add(name);
  };
  for (let from = position; ;) {
    const rows = await store.roomsAfter(from, page);
    for (const { room } of rows) add(await servers.othersInRoom(room));
    if (rows.length < page) break;
    from = rows.at(-1)?.position ?? from;
  }
  const users = new Set<number>();
  for (let from = position; ;) {
    const rows = await store.deviceListsAfter(from, page);
    for (const { user } of rows) {
      if (users.has(user)) continue;
      users.add(user);
      add(await servers.sharingRoomsWith(user));
    }
    if (rows.length < page) break;
    from = rows.at(-1)?.position ?? from;
  }
  return found;
}
