export { roomMembersMigrations } from './migrations.ts';
export { RoomMembers, type Membership, type RoomMember } from './room-members.ts';
