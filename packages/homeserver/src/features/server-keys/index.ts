import { federation } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { getServerKeyHandler } from './handlers/get-server-key.ts';
import type { OwnKeys } from './own-keys.ts';

export type { KeyNeed, KeyRing, KeySet } from './key-ring.ts';
export { FetchingKeyRing } from './fetching-key-ring.ts';
export { serverKeysMigrations } from './migrations.ts';
export { OwnKeys } from './own-keys.ts';
export { signingIdentity } from './signing-identity.ts';

export function serverKeysRoutes(keys: OwnKeys): Route[] {
  return [route(federation.getServerKey, getServerKeyHandler(keys))];
}
