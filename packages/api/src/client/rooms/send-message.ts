import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

/** `ts` is for application services: the time that the event claims. Application Service API, Timestamp massaging. */
export const sendMessage = endpoint({
  id: 'sendMessage',
  summary: 'Send a message event to a room',
  source: 'client-server',
  method: 'PUT',
  paths: oldClientPaths('/rooms/:roomId/send/:eventType/:txnId'),
  auth: 'user-or-guest',
  rateLimit: 'message',
  params: Type.Object({ roomId: Type.String(), eventType: Type.String(), txnId: Type.String() }),
  query: Type.Object({ ts: Type.Optional(count) }),
  body: jsonObject,
  response: Type.Object({ event_id: Type.String() }),
});
