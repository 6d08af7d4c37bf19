import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { nothing } from '../shared.ts';

/** Served with `federation_whitelist_endpoint_enabled`. */
export const getFederationWhitelist = endpoint({
  id: 'getFederationWhitelist',
  summary: 'The servers that this one speaks with',
  source: 'synapse',
  method: 'GET',
  paths: ['/_synapse/client/v1/config/federation_whitelist'],
  auth: 'user-or-guest',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({ whitelist_enabled: Type.Boolean(), whitelist: Type.Array(Type.String()) }),
});
