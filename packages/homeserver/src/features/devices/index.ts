export { Devices, type Device, type DeviceCleaner } from './devices.ts';
export { devicesMigrations } from './migrations.ts';
