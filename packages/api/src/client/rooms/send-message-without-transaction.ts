import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';

export const sendMessageWithoutTransaction = endpoint({
  id: 'sendMessageWithoutTransaction',
  summary: 'Send a message event to a room; a repeated request sends it again',
  source: 'synapse',
  method: 'POST',
  paths: oldClientPaths('/rooms/:roomId/send/:eventType'),
  auth: 'user-or-guest',
  rateLimit: 'message',
  params: Type.Object({ roomId: Type.String(), eventType: Type.String() }),
  query: Type.Object({ ts: Type.Optional(count) }),
  body: jsonObject,
  response: Type.Object({ event_id: Type.String() }),
});
