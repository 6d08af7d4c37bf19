export { InvitedRooms, type InvitedRoom } from './invited-rooms.ts';
export { InviteTaking, type InviteRefusals, type InviteTakingParts, type OfferedInvite } from './invite-taking.ts';
export { invitedRoomsMigrations } from './migrations.ts';
export { RescindedInvites } from './rescinded-invites.ts';
export { invitedRoomsRoutes } from './routes.ts';
export { checkStrippedState } from './stripped-state.ts';
