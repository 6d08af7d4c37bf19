import type { federation } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { KeyClaims } from '../../encryption-keys/index.ts';

export function claimUserEncryptionKeysHandler(claims: KeyClaims): Handler<typeof federation.claimUserEncryptionKeys> {
  return async ({ body }) => rawJson(await claims.claimForServer(body.one_time_keys));
}
