export { createRemoteDevices } from './create-remote-devices.ts';
export { isUserOf } from './is-user-of.ts';
export { remoteDevicesMigrations } from './migrations.ts';
export type { PossibleMembers } from './possible-members.ts';
