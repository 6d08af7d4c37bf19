export { createEncryptionKeys } from './create-encryption-keys.ts';
export { encryptionKeysMigrations } from './migrations.ts';
export { noRemoteKeys } from './remote-keys.ts';
export { encryptionKeysRoutes } from './routes.ts';
