export { ServerDiscovery } from './discovery.ts';
export { HttpFederationTransport } from './http-transport.ts';
export { type Place } from './place.ts';
export { fetchWellKnown, WellKnownCache } from './well-known.ts';
