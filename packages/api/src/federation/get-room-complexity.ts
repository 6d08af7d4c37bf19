import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

export const getRoomComplexity = endpoint({
  id: 'federation.getRoomComplexity',
  summary: 'How much state a room has',
  source: 'synapse',
  method: 'GET',
  paths: ['/_matrix/federation/v1/rooms/:roomId/complexity', '/_matrix/federation/unstable/rooms/:roomId/complexity'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: undefined,
  response: Type.Object({ v1: Type.Number() }),
});
