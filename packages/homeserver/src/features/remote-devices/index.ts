export { createRemoteDevices, type RemoteDevices } from './create-remote-devices.ts';
export { remoteDevicesMigrations } from './migrations.ts';
