export { createEncryptionKeys, type EncryptionKeys } from './create-encryption-keys.ts';
export { publicKeyOf } from './cross-signing-checks.ts';
export type { CrossSigningStore, CrossSigningUsage, StoredCrossSigningKey } from './cross-signing-store.ts';
export type { DeviceListChange, DeviceListListener, DeviceListLog } from './device-list-log.ts';
export type { KeyClaims } from './key-claims.ts';
export { encryptionKeysMigrations } from './migrations.ts';
export {
  noRemoteKeys,
  type KeyClaim,
  type KeyQuery,
  type RemoteClaimAnswer,
  type RemoteKeyAnswer,
  type RemoteKeys,
  type ServerFailures,
} from './remote-keys.ts';
export { encryptionKeysRoutes } from './routes.ts';
export type { ServerKeyQueries } from './server-key-queries.ts';
export type { SignatureStore } from './signature-store.ts';
