import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';

/** Older servers end the path with a slash. */
export const getRoomStateIds = endpoint({
  id: 'federation.getRoomStateIds',
  summary: 'The ids of the state of a room at an event, and of its auth chain',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/state_ids/:roomId', '/_matrix/federation/v1/state_ids/:roomId/'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({ event_id: Type.String() }),
  body: undefined,
  response: Type.Object({ auth_chain_ids: Type.Array(Type.String()), pdu_ids: Type.Array(Type.String()) }),
});
