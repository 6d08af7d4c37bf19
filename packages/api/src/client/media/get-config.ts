import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing, withMore } from '../../shared.ts';
import { mediaPaths } from '../paths.ts';

export const getConfig = endpoint({
  id: 'getConfig',
  summary: 'How large uploads may be (deprecated)',
  source: 'client-server',
  method: 'GET',
  paths: mediaPaths('/config'),
  auth: 'user',
  rateLimit: 'none',
  params: nothing,
  query: nothing,
  body: undefined,
  response: withMore(Type.Object({ 'm.upload.size': Type.Optional(count) })),
});
