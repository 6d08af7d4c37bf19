import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { count, nothing } from '../../shared.ts';

export const createContent = endpoint({
  id: 'createContent',
  summary: 'An address for a file to be uploaded later',
  source: 'client-server',
  method: 'POST',
  paths: ['/_matrix/media/v1/create'],
  auth: 'user',
  rateLimit: 'media-create',
  params: nothing,
  query: nothing,
  body: undefined,
  response: Type.Object({ content_uri: Type.String(), unused_expires_at: Type.Optional(count) }),
});
