export { RoomCreator } from './room-creator.ts';
export { RoomUpgrader } from './room-upgrader.ts';
export { roomsRoutes } from './routes.ts';
