export { DeviceQueues, type QueueLimits } from './device-queues.ts';
export { MessageStore } from './message-store.ts';
export { toDeviceMigrations } from './migrations.ts';
export { noRemoteToDevice, type MessagesByDevice, type RemoteMessages, type RemoteToDevice } from './remote-to-device.ts';
export { toDeviceRoutes } from './routes.ts';
export { ToDevice, type ToDeviceParts } from './to-device.ts';
