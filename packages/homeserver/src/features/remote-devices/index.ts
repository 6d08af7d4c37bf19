export { createRemoteDevices } from './create-remote-devices.ts';
export { remoteDevicesMigrations } from './migrations.ts';
