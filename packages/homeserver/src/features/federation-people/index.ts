export { directToDeviceHandler } from './edus/direct-to-device.ts';
export { presenceHandler } from './edus/presence.ts';
export { receiptHandler } from './edus/receipts.ts';
export { typingHandler } from './edus/typing.ts';
export { FederatedToDevice } from './federated-to-device.ts';
export { FederatedDirectories } from './remote-directories.ts';
export { FederatedProfiles } from './remote-profiles.ts';
export { federationPeopleRoutes } from './routes.ts';
