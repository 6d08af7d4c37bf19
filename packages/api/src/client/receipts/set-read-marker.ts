import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject, nothing, nullable } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const setReadMarker = endpoint({
  id: 'setReadMarker',
  summary: 'Say how far one has read, with the fully-read marker',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/rooms/:roomId/read_markers'),
  auth: 'user',
  rateLimit: 'client',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: Type.Object({
    'm.fully_read': Type.Optional(nullable(Type.String())),
    'm.read': Type.Optional(nullable(Type.String())),
    'm.read.private': Type.Optional(nullable(Type.String())),
  }),
  response: emptyObject,
  allowEmptyBody: true,
});
