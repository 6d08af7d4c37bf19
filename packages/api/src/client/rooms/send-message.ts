import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { jsonObject } from '../../shared.ts';

export const sendMessage = endpoint({
  id: 'sendMessage',
  summary: 'Send a message event to a room',
  source: 'client-server',
  method: 'PUT',
  paths: [
    '/_matrix/client/v3/rooms/:roomId/send/:eventType/:txnId',
    '/_matrix/client/r0/rooms/:roomId/send/:eventType/:txnId',
  ],
  auth: 'user-or-guest',
  rateLimit: 'message',
  params: Type.Object({ roomId: Type.String(), eventType: Type.String(), txnId: Type.String() }),
  query: Type.Object({ ts: Type.Optional(Type.Integer()) }),
  body: jsonObject,
  response: Type.Object({ event_id: Type.String() }),
});
