import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { mapOf, nothing } from '../../shared.ts';

export const getVersions = endpoint({
  id: 'getVersions',
  summary: 'The versions of the specification that the server keeps',
  source: 'client-server',
  method: 'GET',
  paths: ['/_matrix/client/versions'],
  auth: 'optional',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({
    versions: Type.Array(Type.String()),
    unstable_features: Type.Optional(mapOf(Type.Boolean())),
  }),
});
