export { createFederationRooms } from './federation-rooms.ts';
export { federationRoomsRoutes } from './routes.ts';
export type { PartedServers } from './served-rooms.ts';
export type { InvitesElsewhere } from './third-party-exchange.ts';
