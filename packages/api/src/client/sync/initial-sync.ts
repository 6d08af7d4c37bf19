import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, jsonObject, nothing } from '../../shared.ts';
import { oldClientPaths } from '../paths.ts';
import { ephemeralEvent } from '../shapes/events.ts';

export const initialSync = endpoint({
  id: 'initialSync',
  summary: 'All rooms with their last events (deprecated)',
  source: 'client-server',
  method: 'GET',
  paths: oldClientPaths('/initialSync'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: Type.Object({ limit: Type.Optional(count), archived: Type.Optional(Type.Boolean()) }),
  body: undefined,
  response: Type.Object({
    end: Type.String(),
    presence: Type.Array(ephemeralEvent),
    rooms: Type.Array(jsonObject),
    account_data: Type.Optional(Type.Array(ephemeralEvent)),
  }),
});
