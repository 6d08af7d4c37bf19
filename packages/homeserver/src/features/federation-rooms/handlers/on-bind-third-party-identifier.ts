import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { ThirdPartyExchange } from '../third-party-exchange.ts';

export function onBindThirdPartyIdentifierHandler(
  exchange: ThirdPartyExchange,
): Handler<typeof federation.onBindThirdPartyIdentifier> {
  return async ({ body }) => {
    await exchange.bound(body.invites);
    return {};
  };
}
