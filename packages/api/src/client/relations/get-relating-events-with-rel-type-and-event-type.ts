import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { clientPathsIn } from '../paths.ts';
import { relationsPage, relationsQuery } from '../shapes/relations.ts';

export const getRelatingEventsWithRelTypeAndEventType = endpoint({
  id: 'getRelatingEventsWithRelTypeAndEventType',
  summary: 'Events of a type that relate to an event in a way',
  source: 'client-server',
  method: 'GET',
  paths: clientPathsIn(['v1', 'unstable'], '/rooms/:roomId/relations/:eventId/:relType/:eventType'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: Type.Object({
    roomId: Type.String(),
    eventId: Type.String(),
    relType: Type.String(),
    eventType: Type.String(),
  }),
  query: relationsQuery,
  body: undefined,
  response: relationsPage,
});
