import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { integer, jsonObject, nothing } from '../shared.ts';
import { joinAnswer } from './shapes/events.ts';

export const sendJoinV1 = endpoint({
  id: 'federation.sendJoinV1',
  summary: 'Join a room (before version 2)',
  source: 'synapse',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/send_join/:roomId/:eventId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: nothing,
  body: jsonObject,
  response: Type.Tuple([integer, joinAnswer]),
});
