import type { federation } from '@myelin/api';
import { rawJson, type Handler } from '../../../http/index.ts';
import type { ServerKeyQueries } from '../../encryption-keys/index.ts';

export function queryUserEncryptionKeysHandler(
  keys: ServerKeyQueries,
  withNames: boolean,
): Handler<typeof federation.queryUserEncryptionKeys> {
  return async ({ body }) => rawJson(await keys.query(body.device_keys, withNames));
}
