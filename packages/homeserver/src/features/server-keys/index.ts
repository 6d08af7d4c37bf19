import { federation } from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import { bulkPerspectivesKeyQueryHandler } from './handlers/bulk-perspectives-key-query.ts';
import { getServerKeyHandler } from './handlers/get-server-key.ts';
import { perspectivesKeyQueryHandler } from './handlers/perspectives-key-query.ts';
import type { Notary } from './notary.ts';
import type { OwnKeys } from './own-keys.ts';

export type { KeyNeed, KeyRing, KeySet } from './key-ring.ts';
export { FetchingKeyRing } from './fetching-key-ring.ts';
export { KeptKeys } from './kept-keys.ts';
export { serverKeysMigrations } from './migrations.ts';
export { checkKeyAnswer } from './key-answer.ts';
export { sourceOf } from './name-source.ts';
export { Notary } from './notary.ts';
export { OwnKeys } from './own-keys.ts';
export { signingIdentity } from './signing-identity.ts';

export function serverKeysRoutes(keys: OwnKeys, notary: Notary): Route[] {
  return [
    route(federation.getServerKey, getServerKeyHandler(keys)),
    route(federation.perspectivesKeyQuery, perspectivesKeyQueryHandler(notary)),
    route(federation.bulkPerspectivesKeyQuery, bulkPerspectivesKeyQueryHandler(notary)),
  ];
}
