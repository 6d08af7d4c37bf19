export { createFederationRooms, type FederationRooms, type FederationRoomsNeeds } from './federation-rooms.ts';
export { federationRoomsRoutes } from './routes.ts';
