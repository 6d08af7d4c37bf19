import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { jsonObject } from '../shared.ts';

/** The rooms are looked at one by one. */
export const getSpaceHierarchy = endpoint({
  id: 'federation.getSpaceHierarchy',
  summary: 'A space and the rooms in it',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/hierarchy/:roomId'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ roomId: Type.String() }),
  query: Type.Object({ suggested_only: Type.Optional(Type.Boolean()) }),
  body: undefined,
  response: Type.Object({
    room: jsonObject,
    children: Type.Optional(Type.Array(jsonObject)),
    inaccessible_children: Type.Optional(Type.Array(Type.String())),
  }),
});
