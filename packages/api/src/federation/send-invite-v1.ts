import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { integer, jsonObject, nothing } from '../shared.ts';

export const sendInviteV1 = endpoint({
  id: 'federation.sendInviteV1',
  summary: 'Invite a user of this server to a room of version 1 or 2',
  source: 'server-server',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/invite/:roomId/:eventId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: nothing,
  body: jsonObject,
  response: Type.Tuple([integer, Type.Object({ event: jsonObject })]),
});
