import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { count, integer, oneOf } from '../shared.ts';

/** `ts` in milliseconds. Older servers end the path with a slash. */
export const getEventByTimestamp = endpoint({
  id: 'federation.getEventByTimestamp',
  summary: 'The event nearest to a time',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/timestamp_to_event/:roomId', '/_matrix/federation/v1/timestamp_to_event/:roomId/'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({ ts: count, dir: oneOf(['f', 'b']) }),
  body: undefined,
  response: Type.Object({ event_id: Type.String(), origin_server_ts: integer }),
});
