import { Type } from 'typebox';
import { endpoint } from '../../endpoint.ts';
import { emptyObject } from '../../shared.ts';

export const uploadContentToMXC = endpoint({
  id: 'uploadContentToMXC',
  summary: 'Upload the file of an address made before',
  source: 'client-server',
  method: 'PUT',
  paths: ['/_matrix/media/v3/upload/:serverName/:mediaId'],
  auth: 'user',
  rateLimit: 'none',
  params: Type.Object({ serverName: Type.String(), mediaId: Type.String() }),
  query: Type.Object({ filename: Type.Optional(Type.String()) }),
  body: 'bytes',
  response: emptyObject,
});
