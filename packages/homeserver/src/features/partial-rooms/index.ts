export { membersPatienceMs } from './member-waits.ts';
export { partialRoomsMigrations } from './migrations.ts';
export { PartialRooms, type PartialEvent, type PartialRoom } from './partial-rooms.ts';
