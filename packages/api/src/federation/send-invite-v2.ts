import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { jsonObject, nothing, nullable } from '../shared.ts';

export const sendInviteV2 = endpoint({
  id: 'federation.sendInviteV2',
  summary: 'Invite a user of this server',
  source: 'server-server',
  method: 'PUT',
  paths: ['/_matrix/federation/v2/invite/:roomId/:eventId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: nothing,
  body: Type.Object({
    event: jsonObject,
    room_version: Type.String(),
    invite_room_state: Type.Optional(nullable(Type.Array(Type.Unknown()))),
  }),
  response: Type.Object({ event: jsonObject }),
});
