import type { getAccount3PIDs } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';

/** Nobody can add any yet. */
export function getAccount3pidsHandler(): Handler<typeof getAccount3PIDs> {
  return async () => ({ threepids: [] });
}
