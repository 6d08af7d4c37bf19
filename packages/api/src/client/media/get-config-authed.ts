import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing, withMore } from '../../shared.ts';
import { clientPathsIn } from '../paths.ts';

export const getConfigAuthed = endpoint({
  id: 'getConfigAuthed',
  summary: 'How large uploads may be',
  source: 'client-server',
  method: 'GET',
  paths: clientPathsIn(['v1'], '/media/config'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: withMore(Type.Object({ 'm.upload.size': Type.Optional(count) })),
});
