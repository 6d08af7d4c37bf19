export { ServerDiscovery } from './discovery.ts';
export { HttpFederationTransport } from './http-transport.ts';
export { defaultPort, type Place, type Resolution } from './place.ts';
export { fetchWellKnown, WellKnownCache, type WellKnown } from './well-known.ts';
