export { GuestDoor } from './guest-door.ts';
export { invitePermissionCheck } from './invite-permission.ts';
export { MembershipLimits } from './membership-limits.ts';
export { MembershipService, type InviteCheck, type MembershipOptions, type MembershipParts } from './membership.ts';
export type { ProfileSource } from './profile-source.ts';
export { RestrictedJoins } from './restricted-joins.ts';
export { membershipRoutes } from './routes.ts';
export { noThirdPartyInvites } from './third-party-invites.ts';
export { UserRooms } from './user-rooms.ts';
