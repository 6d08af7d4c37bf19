import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { emptyObject, integer, jsonObject, nothing } from '../shared.ts';

export const sendLeaveV1 = endpoint({
  id: 'federation.sendLeaveV1',
  summary: 'Leave a room (before version 2)',
  source: 'synapse',
  method: 'PUT',
  paths: ['/_matrix/federation/v1/send_leave/:roomId/:eventId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: nothing,
  body: jsonObject,
  response: Type.Tuple([integer, emptyObject]),
});
