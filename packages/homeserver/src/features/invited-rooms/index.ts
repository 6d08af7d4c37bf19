export { InvitedRooms, type InvitedRoom } from './invited-rooms.ts';
export { invitedRoomsMigrations } from './migrations.ts';
