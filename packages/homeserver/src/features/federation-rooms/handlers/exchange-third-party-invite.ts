import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { ThirdPartyExchange } from '../third-party-exchange.ts';

export function exchangeThirdPartyInviteHandler(
  exchange: ThirdPartyExchange,
): Handler<typeof federation.exchangeThirdPartyInvite> {
  return async ({ params, body, origin }) => {
    await exchange.exchange(origin, params.roomId, body);
    return {};
  };
}
