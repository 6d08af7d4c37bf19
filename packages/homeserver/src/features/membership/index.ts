export { MembershipLimits } from './membership-limits.ts';
export { MembershipService, type InviteCheck, type MembershipParts } from './membership.ts';
export type { ProfileSource } from './profile-source.ts';
export { RestrictedJoins } from './restricted-joins.ts';
export { membershipRoutes } from './routes.ts';
export { UserRooms } from './user-rooms.ts';
