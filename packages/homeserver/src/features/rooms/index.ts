export { RoomCreator, type RoomRequest } from './room-creator.ts';
export { roomsRoutes } from './routes.ts';
