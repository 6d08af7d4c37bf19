import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { jsonObject } from '../shared.ts';
import { joinAnswer } from './shapes/events.ts';

export const sendJoinV2 = endpoint({
  id: 'federation.sendJoinV2',
  summary: 'Join a room',
  source: 'server-server',
  method: 'PUT',
  paths: ['/_matrix/federation/v2/send_join/:roomId/:eventId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: Type.Object({ omit_members: Type.Optional(Type.Boolean()) }),
  body: jsonObject,
  response: joinAnswer,
});
