import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing, nullable } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

export const upgradeRoom = endpoint({
  id: 'upgradeRoom',
  summary: 'Move a room to another version',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/rooms/:roomId/upgrade'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: nothing,
  body: Type.Object({
    new_version: Type.String(),
    additional_creators: Type.Optional(nullable(Type.Array(Type.String()))),
  }),
  response: Type.Object({ replacement_room: Type.String() }),
});
