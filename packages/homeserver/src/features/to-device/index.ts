export { DeviceQueues } from './device-queues.ts';
export { MessageStore } from './message-store.ts';
export { toDeviceMigrations } from './migrations.ts';
export { noRemoteToDevice, type RemoteMessages, type RemoteToDevice } from './remote-to-device.ts';
export { toDeviceRoutes } from './routes.ts';
export { ToDevice } from './to-device.ts';
