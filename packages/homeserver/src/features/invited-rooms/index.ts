export { InvitedRooms } from './invited-rooms.ts';
export { InviteTaking, type InviteWishes } from './invite-taking.ts';
export { invitedRoomsMigrations } from './migrations.ts';
export { RescindedInvites } from './rescinded-invites.ts';
export { invitedRoomsRoutes } from './routes.ts';
export { checkStrippedState } from './stripped-state.ts';
