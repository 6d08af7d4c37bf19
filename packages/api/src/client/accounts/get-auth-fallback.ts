import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { clientPaths } from '../paths.ts';

/** Client-Server API, User-Interactive Authentication API, Fallback. */
export const getAuthFallback = endpoint({
  id: 'getAuthFallback',
  summary: 'The page of a stage of authentication, for clients that lack it',
  source: 'synapse',
  method: 'GET',
  paths: clientPaths('/auth/:stage/fallback/web'),
  auth: 'none',
  rateLimit: 'none',
  params: Type.Object({ stage: Type.String() }),
  query: Type.Object({ session: Type.String() }),
  body: undefined,
  response: 'bytes',
});
