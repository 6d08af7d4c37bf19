import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { clientPaths } from '../paths.ts';

/** A form, not JSON. Client-Server API, User-Interactive Authentication API, Fallback. */
export const submitAuthFallback = endpoint({
  id: 'submitAuthFallback',
  summary: 'What was entered on the page of a stage of authentication',
  source: 'synapse',
  method: 'POST',
  paths: clientPaths('/auth/:stage/fallback/web'),
  auth: 'none',
  rateLimit: 'client',
  params: Type.Object({ stage: Type.String() }),
  query: Type.Object({ session: Type.Optional(Type.String()) }),
  body: 'bytes',
  response: 'bytes',
});
