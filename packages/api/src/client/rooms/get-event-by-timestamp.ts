import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, integer, oneOf } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

/** `ts` in milliseconds. The specification requires `dir`; clients leave it out for forwards, as Synapse lets them. */
export const getEventByTimestamp = endpoint({
  id: 'getEventByTimestamp',
  summary: 'The event nearest to a time',
  source: 'client-server',
  method: 'GET',
  paths: clientPathsIn(['v1'], '/rooms/:roomId/timestamp_to_event'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({ ts: count, dir: Type.Optional(oneOf(['f', 'b'])) }),
  body: undefined,
  response: Type.Object({ event_id: Type.String(), origin_server_ts: integer }),
});
