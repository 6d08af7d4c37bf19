import { systemResolver, type OutboundHttp, type Resolver } from '@myelin/runtime';
import type { Core } from './core.ts';
import { Destinations } from './features/destinations/index.ts';
import {
  countedQueries,
  countedTransport,
  RequestSigner,
  SigningFederationClient,
  type FederationClient,
  type FederationTransport,
} from './features/federation-client/index.ts';
import { federationHttp, userAgentOf } from './federation-http.ts';
import { HttpFederationTransport, ServerDiscovery, WellKnownCache } from './features/server-discovery/index.ts';
import { PolicyServers } from './features/policy-servers/index.ts';
import { FetchingKeyRing, Notary, OwnKeys, serverKeysRoutes, signingIdentity } from './features/server-keys/index.ts';
import { limitMetrics, OriginLimits, RequestChecker, type LimitMetrics } from './features/server-requests/index.ts';
import { federationVersionRoutes, federationWhitelistRoutes } from './features/server-status/index.ts';
import type { ServerAuthenticator } from './http/index.ts';
import type { ResourceRoutes } from './listeners.ts';
import { countedHttp } from './observability/outgoing-metrics.ts';
import type { Log } from './observability/log.ts';
import type { Metrics } from './observability/metrics.ts';
import { version } from './version.ts';

/** What speaks with other servers: made before the features that need it. */
export interface FederationBase {
  readonly client: FederationClient;
  /** For what other servers say is elsewhere. */
  readonly http: OutboundHttp;
  readonly destinations: Destinations;
  readonly keyRing: FetchingKeyRing;
  /** What rooms' policy servers say of events. */
  readonly policies: PolicyServers;
  /** Checks the requests of other servers. */
  readonly servers: ServerAuthenticator;
  /** Where it is counted how they are slowed down. */
  readonly limitMetrics: LimitMetrics;
  stop(): Promise<void>;
}

export interface FederationPorts {
  /** How other servers are reached, instead of over the network. */
  readonly federationTransport?: FederationTransport;
  /** Where names lead, instead of the operating system's resolver. */
  readonly resolver?: Resolver;
}

/** The way out to other servers, their keys, and the check of those who call us. */
export async function wireFederationBase(
  core: Core,
  log: Log,
  metrics: Metrics,
  ports: FederationPorts,
): Promise<FederationBase> {
  const { config, runtime, database, serverName } = core;
  const { federation } = config;
  const isAllowed = (other: string): boolean => federation.domainWhitelist?.has(other) ?? true;
  const userAgent = userAgentOf(config);
  const destinations = new Destinations({
    ...runtime,
    database,
    times: {
      minimumMs: federation.destinationMinRetryIntervalMs,
      multiplier: federation.destinationRetryMultiplier,
      maximumMs: federation.destinationMaxRetryIntervalMs,
    },
    onProblem: (err) => log.warn({ err }, 'The state of another server could not be kept'),
  });
  const resolver = ports.resolver ?? systemResolver();
  const direct = await federationHttp(config, resolver);
  const http = countedHttp(direct, metrics);
  const wellKnown = new WellKnownCache({ ...runtime, http, userAgent });
  const discovery = new ServerDiscovery({ ...runtime, resolver, wellKnown });
  const transport = ports.federationTransport ?? new HttpFederationTransport(direct, discovery, runtime.clock);
  const signing = new SigningFederationClient({
    ...runtime,
    serverName,
    destinations,
    transport: countedTransport(transport, metrics),
    signer: new RequestSigner(signingIdentity(config.keys, serverName)),
    isAllowed,
    timeoutMs: federation.clientTimeoutMs,
    retries: {
      short: { most: federation.maxShortRetries, longestDelayMs: federation.maxShortRetryDelayMs },
      long: { most: federation.maxLongRetries, longestDelayMs: federation.maxLongRetryDelayMs },
    },
    userAgent,
  });
  const client = countedQueries(signing, metrics);
  const keyRing = new FetchingKeyRing({
    ...runtime,
    serverName,
    config: config.keys,
    database,
    client,
    onProblem: (server, reason) => log.info({ server, reason }, 'The keys of a server could not be fetched'),
  });
  const counted = limitMetrics(metrics);
  const limits = new OriginLimits({ ...runtime, limits: config.rateLimits.federation, metrics: counted });
  const servers = new RequestChecker({ ...runtime, serverName, keys: keyRing, destinations, isAllowed, limits });
  const policies = await PolicyServers.open({ ...core, client });
  core.timeline.askForApproval(policies);
  return { client, http, destinations, keyRing, policies, servers, limitMetrics: counted, stop: () => http.close() };
}

/** What other servers may ask of this one. */
export function wireFederation(core: Core, base: FederationBase): ResourceRoutes[] {
  const { config, runtime, database, serverName } = core;
  const { whitelistEndpoint, domainWhitelist } = config.federation;
  const own = new OwnKeys(serverName, config.keys, runtime.clock);
  const notary = new Notary({ ...runtime, serverName, database, own, keys: base.keyRing });
  return [
    { resource: 'keys', routes: serverKeysRoutes(own, notary) },
    { resource: 'federation', routes: federationVersionRoutes(version) },
    { resource: 'client', routes: whitelistEndpoint ? federationWhitelistRoutes(domainWhitelist) : [] },
  ];
}
