import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { emptyObject, nothing, withMore } from '../shared.ts';
import { signatures } from '../client/shapes/keys.ts';

export const exchangeThirdPartyInvite = endpoint({
  id: 'federation.exchangeThirdPartyInvite',
  summary: 'Turn an invitation of a third-party identifier into one of a user',
  source: 'server-server',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/exchange_third_party_invite/:roomId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: withMore(
    Type.Object({
      type: Type.String(),
      room_id: Type.String(),
      sender: Type.String(),
      state_key: Type.String(),
      content: withMore(
        Type.Object({
          membership: Type.String(),
          third_party_invite: withMore(
            Type.Object({ signed: Type.Object({ mxid: Type.String(), token: Type.String(), signatures }) }),
          ),
        }),
      ),
    }),
  ),
  response: emptyObject,
});
