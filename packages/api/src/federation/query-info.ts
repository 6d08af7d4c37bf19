import { Type } from 'typebox';
import { endpoint } from '../endpoint.ts';
import { jsonObject, nothing } from '../shared.ts';

/** Which query parameters there are depends on the type. */
export const queryInfo = endpoint({
  id: 'federation.queryInfo',
  summary: 'Ask for anything else',
  source: 'server-server',
  method: 'GET',
  paths: ['/_matrix/federation/v1/query/:queryType'],
  auth: 'server',
  rateLimit: 'none',
  params: Type.Object({ queryType: Type.String() }),
  query: nothing,
  body: undefined,
  response: jsonObject,
});
