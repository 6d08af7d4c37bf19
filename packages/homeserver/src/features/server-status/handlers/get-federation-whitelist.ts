import type { getFederationWhitelist } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';

/** `whitelist` undefined: all servers are spoken with. */
export function getFederationWhitelistHandler(
  whitelist: ReadonlySet<string> | undefined,
): Handler<typeof getFederationWhitelist> {
  return async () => ({ whitelist_enabled: whitelist !== undefined, whitelist: [...(whitelist ?? [])] });
}
