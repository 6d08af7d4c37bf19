export { roomMembersMigrations } from './migrations.ts';
export { RoomMembers, type RoomMember } from './room-members.ts';
