export { Aliases, type RoomIdResolver } from './aliases.ts';
export { directoryMigrations } from './migrations.ts';
export { PublishedRooms } from './published-rooms.ts';
