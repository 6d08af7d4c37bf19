export { partialRoomsMigrations } from './migrations.ts';
export { PartialRooms, type PartialEvent } from './partial-rooms.ts';
