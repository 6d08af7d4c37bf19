import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { OwnKeys } from '../own-keys.ts';

export function getServerKeyHandler(keys: OwnKeys): Handler<typeof federation.getServerKey> {
  return async () => keys.published() as never;
}
