export type { RoomServers } from './room-servers-port.ts';
