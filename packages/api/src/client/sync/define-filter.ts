import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { nothing, withMore } from '../../shared.ts';
import { clientPaths } from '../paths.ts';
import { syncFilter } from '../shapes/filters.ts';

export const defineFilter = endpoint({
  id: 'defineFilter',
  summary: 'Store a filter',
  source: 'client-server',
  method: 'POST',
  paths: clientPaths('/user/:userId/filter'),
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ userId: Type.String() }),
  query: nothing,
  body: withMore(syncFilter),
  response: Type.Object({ filter_id: Type.String() }),
  bodyLimit: 65_536,
});
