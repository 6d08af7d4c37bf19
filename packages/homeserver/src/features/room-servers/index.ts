export { JoinedServers } from './joined-servers.ts';
export { roomServersMigrations } from './migrations.ts';
export type { RoomServers } from './room-servers-port.ts';
