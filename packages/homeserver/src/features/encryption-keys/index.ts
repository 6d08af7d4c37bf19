export { createEncryptionKeys, type EncryptionKeys, type EncryptionKeysNeeds } from './create-encryption-keys.ts';
export type { CrossSigning } from './cross-signing.ts';
export { encryptionKeysMigrations } from './migrations.ts';
export { noRemoteKeys, type KeyClaim, type KeyQuery, type RemoteClaimAnswer, type RemoteKeyAnswer, type RemoteKeys, type ServerFailures } from './remote-keys.ts';
export { encryptionKeysRoutes } from './routes.ts';
