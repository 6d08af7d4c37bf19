export type { Device } from './device.ts';
export type { DeviceListChanges } from './device-list-changes.ts';
export { DeviceManager } from './device-manager.ts';
export { Devices } from './devices.ts';
export { LastSeen } from './last-seen.ts';
export { devicesMigrations } from './migrations.ts';
export { devicesRoutes } from './routes.ts';
