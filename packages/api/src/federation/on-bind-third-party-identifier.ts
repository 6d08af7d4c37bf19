import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { emptyObject, nothing, withMore } from '../shared.ts';
import { signatures } from '../client/shapes/keys.ts';

export const onBindThirdPartyIdentifier = endpoint({
  id: 'federation.onBindThirdPartyIdentifier',
  summary: 'An identity server says that an invited third-party identifier has a user now',
  source: 'server-server',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/3pid/onbind'],
  auth: 'none',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: Type.Object({
    medium: Type.String(),
    address: Type.String(),
    mxid: Type.String(),
    invites: Type.Array(
      withMore(
        Type.Object({
          medium: Type.String(),
          address: Type.String(),
          mxid: Type.String(),
          room_id: Type.String(),
          sender: Type.String(),
          signed: Type.Object({ mxid: Type.String(), token: Type.String(), signatures }),
        }),
      ),
    ),
  }),
  response: emptyObject,
});
