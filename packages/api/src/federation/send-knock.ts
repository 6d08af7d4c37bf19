import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { jsonObject, nothing } from '../shared.ts';
import { pdus } from './shapes/events.ts';

export const sendKnock = endpoint({
  id: 'federation.sendKnock',
  summary: 'Knock on a room',
  source: 'server-server',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/send_knock/:roomId/:eventId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: nothing,
  body: jsonObject,
  response: Type.Object({ knock_room_state: pdus }),
});
