import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { emptyObject, jsonObject, nothing } from '../shared.ts';

export const sendLeaveV2 = endpoint({
  id: 'federation.sendLeaveV2',
  summary: 'Leave a room',
  source: 'server-server',
  method: 'PUT',
  paths: ['/_matrix/federation/v2/send_leave/:roomId/:eventId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String(), eventId: Type.String() }),
  query: nothing,
  body: jsonObject,
  response: emptyObject,
});
