import type { Core } from './core.ts';
import { Destinations } from './features/destinations/index.ts';
import {
  FederationError,
  RequestSigner,
  SigningFederationClient,
  type FederationClient,
  type FederationTransport,
} from './features/federation-client/index.ts';
import { OwnKeys, serverKeysRoutes, signingIdentity } from './features/server-keys/index.ts';
import { federationVersionRoutes } from './features/server-status/index.ts';
import type { ResourceRoutes } from './listeners.ts';
import type { Log } from './observability/log.ts';
import type { Metrics } from './observability/metrics.ts';
import { version } from './version.ts';

/** What speaks with other servers: made before the features that need it. */
export interface FederationBase {
  readonly client: FederationClient;
  readonly destinations: Destinations;
}

export interface FederationPorts {
  readonly federationTransport?: FederationTransport;
}

/** The way out to other servers, their keys, and the check of those who call us. */
export function wireFederationBase(core: Core, log: Log, _metrics: Metrics, ports: FederationPorts): FederationBase {
  const { config, runtime, database, serverName } = core;
  const { federation, outbound } = config;
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
  const client = new SigningFederationClient({
    ...runtime,
    serverName,
    destinations,
    transport: ports.federationTransport ?? noTransport,
    signer: new RequestSigner(signingIdentity(config.keys, serverName)),
    isAllowed: (other) => federation.domainWhitelist?.has(other) ?? true,
    timeoutMs: federation.clientTimeoutMs,
    retries: {
      short: { most: federation.maxShortRetries, longestDelayMs: federation.maxShortRetryDelayMs },
      long: { most: federation.maxLongRetries, longestDelayMs: federation.maxLongRetryDelayMs },
    },
    userAgent: outbound.userAgentSuffix ? `Myelin/${version} ${outbound.userAgentSuffix}` : `Myelin/${version}`,
  });
  return { client, destinations };
}

/** What other servers may ask of this one. */
export function wireFederation(core: Core, _base: FederationBase): ResourceRoutes[] {
  const { config, runtime, serverName } = core;
  return [
    { resource: 'keys', routes: serverKeysRoutes(new OwnKeys(serverName, config.keys, runtime.clock)) },
    { resource: 'federation', routes: federationVersionRoutes(version) },
  ];
}

const noTransport: FederationTransport = {
  async exchange({ destination }) {
    throw new FederationError('unreachable', destination, 'There is no way to other servers');
  },
};
