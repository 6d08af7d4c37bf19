import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing } from '../../shared.ts';
import { clientPaths } from '../paths.ts';

/** The specification requires `to`; without it, up to now. */
export const getKeysChanges = endpoint({
  id: 'getKeysChanges',
  summary: 'Whose device lists changed between two sync tokens',
  source: 'client-server',
  method: 'GET',
  paths: clientPaths('/keys/changes'),
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ from: Type.String(), to: Type.Optional(Type.String()) }),
  body: undefined,
  response: Type.Object({
    changed: Type.Optional(Type.Array(Type.String())),
    left: Type.Optional(Type.Array(Type.String())),
  }),
});
