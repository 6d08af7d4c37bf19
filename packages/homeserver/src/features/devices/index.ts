export type { Device } from './device.ts';
export type { DeviceListChanges } from './device-list-changes.ts';
export { Devices, longestDeviceId, type DeviceCleaner, type Sighting } from './devices.ts';
export { devicesMigrations } from './migrations.ts';
