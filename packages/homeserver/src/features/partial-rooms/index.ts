export { partialRoomsMigrations } from './migrations.ts';
export { PartialRooms } from './partial-rooms.ts';
