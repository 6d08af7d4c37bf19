import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { jsonObject, nothing, nullable } from '../shared.ts';

export const serverNotice = Type.Object({
  user_id: Type.String(),
  content: jsonObject,
  /** `m.room.message` if it isn't given. */
  type: Type.Optional(Type.String()),
  state_key: Type.Optional(nullable(Type.String())),
});

export const sendServerNotice = endpoint({
  id: 'sendServerNotice',
  summary: 'Send a notice of the server to a user',
  source: 'synapse',
  method: 'POST',
  paths: ['/_synapse/admin/v1/send_server_notice'],
  auth: 'admin',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: serverNotice,
  response: Type.Object({ event_id: Type.String() }),
});
